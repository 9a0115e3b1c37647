using System.Globalization;
using RecSys.Client;
using RecSys.Eng.Servers;
using RecSys.Sqlite;
using Xunit;

namespace RecSys.Cli.Tests.Processes;

/// <summary>The real program, killed while it rebuilds its states: afterwards either all old states or all new ones are stored.</summary>
[Trait("Category", "Slow")]
public sealed class KilledRebuildTests : IDisposable
{
    private const int Users = 200;
    private const int RowsOfAUser = 600;

    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recsys-kill-rebuild-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_killed_rebuild_changes_no_profile_and_is_known_to_the_next_server()
    {
        string position;
        Dictionary<string, HistoryResponse> before;
        await using (ServerUnderTest server = await StartAsync())
        {
            using RecSysClient client = Client(server);
            position = (await client.RecordStreamAsync(Rows().ToAsyncEnumerable(), cancellationToken: Cancel))!.Position;
            before = await HistoriesAsync(client, position);
            Assert.All(before.Values, history => Assert.Equal(RowsOfAUser, history.Items.Count));
            await server.StopAsync(StartMax);
        }

        int killedWithin = 0;
        foreach (double share in (double[])[0.05, 0.25, 0.5, 0.75, 0.95, 1])
        {
            JobResponse job;
            await using (ServerUnderTest server = await StartAsync())
            {
                using RecSysClient client = Client(server);
                job = await UntilAsync(client, share);
                await server.KillAsync();
                killedWithin += job.IsFinished ? 0 : 1;
                TestContext.Current.TestOutputHelper?.WriteLine(
                    string.Create(CultureInfo.InvariantCulture, $"aimed at {share}: killed at {job.Progress:0.000}, {job.State}"));
            }

            await using ServerUnderTest again = await StartAsync();
            using RecSysClient asked = Client(again);
            foreach ((string user, HistoryResponse history) in await HistoriesAsync(asked, position))
            {
                Assert.True(history.Reflected is not false, $"{share}: what was acknowledged of {user} is not reflected");
                Assert.True(history.Items.SequenceEqual(before[user].Items), $"{share}: {user} has {history.Items.Count} interactions, or others than before");
            }

            JobResponse ended = (await asked.GetJobAsync(job.Id, Cancel))!;
            Assert.True(
                ended.State == JobStates.Succeeded || (ended.State == JobStates.Failed && !job.IsFinished), // it may have ended between the answer and the kill
                $"{share}: the rebuild {ended.State}: {ended.Message}");
            Assert.Equal(0, await again.StopAsync(StartMax));
            Assert.Null(SqliteInstallation.FindDamage(Path.Combine(_folder.FullName, "state.db")));
        }

        Assert.True(killedWithin >= 3, $"only {killedWithin} kills fell into a rebuild");
    }

    private static IEnumerable<InteractionBody> Rows()
    {
        for (int row = 0; row < RowsOfAUser; row++)
        {
            for (int user = 0; user < Users; user++)
            {
                yield return new InteractionBody
                {
                    UserId = UserOf(user),
                    ItemId = string.Create(CultureInfo.InvariantCulture, $"item-{((user * 7) + row) % 500}"),
                    Type = "click",
                };
            }
        }
    }

    private static string UserOf(int user) => string.Create(CultureInfo.InvariantCulture, $"user-{user}");

    /// <summary>Starts a rebuild and follows it until a share of it is done.</summary>
    private static async Task<JobResponse> UntilAsync(RecSysClient client, double share)
    {
        JobResponse job = await client.StartJobAsync(new JobRequest { Kind = "rebuild" }, Cancel);
        while (!job.IsFinished && (job.Progress ?? 0) < share)
        {
            job = (await client.GetJobAsync(job.Id, Cancel))!;
        }

        Assert.True(job.State is JobStates.Queued or JobStates.Running or JobStates.Succeeded, job.Message);
        return job;
    }

    private static async Task<Dictionary<string, HistoryResponse>> HistoriesAsync(RecSysClient client, string after)
    {
        Dictionary<string, HistoryResponse> histories = new(StringComparer.Ordinal);
        for (int user = 0; user < Users; user++)
        {
            histories[UserOf(user)] = await client.GetHistoryAsync(UserOf(user), count: 1_024, after: after, cancellationToken: Cancel);
        }

        return histories;
    }

    private async Task<ServerUnderTest> StartAsync()
    {
        ServerUnderTest server = await ServerUnderTest.LaunchAsync(_folder.FullName, new Dictionary<string, string>(), StartMax, Cancel);
        Assert.True(server.Url is not null, string.Join('\n', server.Log));
        return server;
    }

    private static RecSysClient Client(ServerUnderTest server) =>
        new(new RecSysClientOptions { BaseAddress = server.Url!, Timeout = TimeSpan.FromSeconds(60) });
}
