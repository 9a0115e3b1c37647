using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using RecSys.Cli.Hosting;
using RecSys.Client;
using RecSys.Core.Ports;
using RecSys.Eng.Servers;
using RecSys.Postgres;
using RecSys.TestKit;
using Xunit;
using InstallationFolder = RecSys.Cli.Hosting.DataFolder;

namespace RecSys.Cli.Tests.Processes;

/// <summary>The real program with its states in PostgreSQL, which is stopped and killed meanwhile.</summary>
[Trait("Category", "Slow")]
public sealed class StatesInPostgresTests : IAsyncLifetime
{
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recsys-database-");
    private readonly AcknowledgedInteractions _acknowledged = new(users: 60, rowsOfAPhase: 600);
    private PostgresServer? _server;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private PostgresServer Server => _server!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        Assert.SkipUnless(Environment.GetEnvironmentVariable(PostgresServer.Variable) is null, $"{PostgresServer.Variable} names a server, which is not stopped");
        _server = await PostgresServer.StartOwnAsync(Cancel);
        try
        {
            _server = await PostgresServer.StartOwnAsync(Cancel);
            await File.WriteAllTextAsync(
                Path.Combine(_folder.FullName, "appsettings.json"),
                $$"""
                { "recsys": {
                  "speed": { "saveAfter": "00:00:00.200", "checkpointEvery": "00:00:00.500" },
                  "postgres": { "url": "{{Server.Url}}", "password": "{{PostgresServer.Password}}", "retryAfter": "00:00:00.500" } } }
                """,
                Cancel);
        }
        catch
        {
            await DisposeAsync(); // xUnit disposes only of what was initialized
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    [Fact]
    public async Task No_acknowledged_interaction_is_lost_while_the_database_is_stopped_and_killed()
    {
        await using (ServerUnderTest server = await StartAsync())
        {
            using RecSysClient client = Client(server);
            await _acknowledged.WriteAsync(client);
            await Server.StopAsync(Cancel);
            await _acknowledged.WriteAsync(client);
            Assert.True((await client.GetHistoryAsync(AcknowledgedInteractions.UserOf(7), count: 1_024, after: _acknowledged.Position, cancellationToken: Cancel)).Reflected, "a user in memory");
            Assert.True(await IsReadyAsync(server), "a node is not ready because the database is away");
            await Server.StartAgainAsync(Cancel);
            await _acknowledged.WriteAsync(client);
            Server.Kill();
            await _acknowledged.WriteAsync(client);
            await server.KillAsync(); // what the database lacks is read from the log again
        }

        await Server.StartAgainAsync(Cancel);
        await using (ServerUnderTest server = await StartAsync())
        {
            using RecSysClient client = Client(server);
            await _acknowledged.WriteAsync(client);
            Task writing = _acknowledged.WriteAsync(client);
            Server.Kill();
            await Server.StartAgainAsync(Cancel);
            await writing;
            Dictionary<string, HistoryResponse> before = await _acknowledged.RequireAsync(client);

            JobResponse rebuilt = await client.WaitForJobAsync((await client.StartJobAsync(new JobRequest { Kind = "rebuild" }, Cancel)).Id, cancellationToken: Cancel);

            Assert.True(rebuilt.State == JobStates.Succeeded, rebuilt.Message);
            foreach ((string user, HistoryResponse after) in await _acknowledged.RequireAsync(client))
            {
                Assert.True(after.Items.SequenceEqual(before[user].Items), $"the state of {user} was not the fold of the log");
            }

            Assert.Equal(0, await server.StopAsync(StartMax));
            Assert.DoesNotContain(server.Log, line => line.Contains(PostgresServer.Password, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_user_who_is_not_in_memory_gets_a_degraded_slate_while_the_database_is_away_and_a_whole_one_after_that()
    {
        await using (ServerUnderTest first = await StartAsync())
        {
            using RecSysClient client = Client(first);
            await _acknowledged.WriteAsync(client);
            Assert.Equal(0, await first.StopAsync(StartMax));
        }

        await using ServerUnderTest server = await StartAsync();
        using RecSysClient asked = Client(server);
        await Server.StopAsync(Cancel);

        RecommendationsResponse away = await asked.GetRecommendationsAsync(AcknowledgedInteractions.UserOf(3), cancellationToken: Cancel);

        Assert.True(away.Degraded);
        Assert.Contains(away.DegradedReasons!, reason => reason.Contains("profile", StringComparison.Ordinal));
        await Server.StartAgainAsync(Cancel);
        while ((await asked.GetRecommendationsAsync(AcknowledgedInteractions.UserOf(3), cancellationToken: Cancel)).InteractionsHeld is not > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, Cancel);
        }
    }

    [Fact]
    public async Task An_erased_person_is_in_no_row_and_the_receipt_says_what_remains_in_the_database()
    {
        const string Trace = "trace-of-a-person";
        await using ServerUnderTest server = await StartAsync();
        using RecSysClient client = Client(server);
        await _acknowledged.WriteAsync(client);
        await client.RecordAsync([new InteractionBody { UserId = "ada", ItemId = Trace, Type = "click" }], Cancel);
        await Eventually.TrueAsync(async () => (await StatesAsync()).Exists(HasTrace), "the profile is saved");

        ErasureResponse erasure = await client.EraseUserAsync("ada", Cancel);
        ErasureStatusResponse? receipt = null;
        await Eventually.TrueAsync(async () => (receipt = await client.GetErasureAsync(erasure.Receipt, Cancel))?.State == "done", "the person is erased");

        Assert.DoesNotContain(await StatesAsync(), HasTrace);
        Assert.Contains("PostgreSQL's files", Assert.Single(receipt!.Remains!), StringComparison.Ordinal);
        Assert.Contains(receipt.Places, place => place.Place == "states");

        static bool HasTrace(SavedState state) => state.State.Span.IndexOf(Encoding.UTF8.GetBytes(Trace)) >= 0;
    }

    [Fact]
    public async Task An_older_log_beside_newer_states_is_refused_and_a_rebuild_from_it_is_served()
    {
        string log = Path.Combine(_folder.FullName, "log.db");
        string copy = Path.Combine(_folder.FullName, "older");
        await ServeAsync(_acknowledged.WriteAsync);
        File.Copy(log, copy);
        Dictionary<string, int> older = _acknowledged.Counts();
        await ServeAsync(_acknowledged.WriteAsync);
        Assert.All((await DoctorAsync()).Where(check => check.Check is "states" or "installation"), check => Assert.Equal("ok", check.Verdict));
        File.Move(copy, log, overwrite: true);

        await using ServerUnderTest refused = await LaunchAsync();

        Assert.Null(refused.Url);
        Assert.Contains(refused.Log, line => line.Contains($"{Server.Url} was made from a log of", StringComparison.Ordinal) && line.Contains("recsys serve --rebuild", StringComparison.Ordinal));
        Assert.Equal("bad", (await DoctorAsync()).Single(check => check.Check == "installation").Verdict);
        using (InstallationFolder folder = InstallationFolder.TryLock(_folder.FullName)!)
        {
            await using RecSysHost rebuilt = await RecSysHost.StartAsync(new HostArguments(folder) { IsForOneCommand = true, Rebuild = true }, Cancel);
        }

        await ServeAsync(async client =>
        {
            foreach ((string user, int count) in older)
            {
                await Eventually.TrueAsync(async () => (await client.GetHistoryAsync(user, count: 1_024, cancellationToken: Cancel)).Items.Count == count, $"{user} has what the older log has");
            }
        });

        async Task ServeAsync(Func<RecSysClient, Task> use)
        {
            await using ServerUnderTest server = await StartAsync();
            using RecSysClient client = Client(server);
            await use(client);
            Assert.Equal(0, await server.StopAsync(StartMax));
        }
    }

    private static RecSysClient Client(ServerUnderTest server) => new(new RecSysClientOptions { BaseAddress = server.Url!, Timeout = TimeSpan.FromSeconds(60) });

    private static async Task<bool> IsReadyAsync(ServerUnderTest server)
    {
        using HttpClient http = new();
        using HttpResponseMessage ready = await http.GetAsync(new Uri(server.Url!, "/health/ready"), Cancel);
        return ready.IsSuccessStatusCode;
    }

    private async Task<ServerUnderTest> StartAsync()
    {
        ServerUnderTest server = await LaunchAsync();
        Assert.True(server.Url is not null, string.Join('\n', server.Log));
        return server;
    }

    private Task<ServerUnderTest> LaunchAsync() =>
        ServerUnderTest.LaunchAsync(_folder.FullName, new Dictionary<string, string>(StringComparer.Ordinal), StartMax, Cancel);

    /// <summary>The states in the database.</summary>
    private async Task<List<SavedState>> StatesAsync()
    {
        await using PostgresStore store = PostgresStore.Create(
            new PostgresOptions { Url = Server.Url, Password = PostgresServer.Password }, TimeProvider.System, NullLogger<PostgresStore>.Instance);
        List<SavedState> states = [];
        await foreach (SavedState state in new PostgresSnapshotTable(store).ReadAllAsync(Cancel))
        {
            states.Add(state);
        }

        return states;
    }

    private async Task<List<HealthCheck>> DoctorAsync()
    {
        (_, string output, string error) = await Commands.Cli.RunAsync("doctor", "--data", _folder.FullName, "--json");
        Assert.DoesNotContain(PostgresServer.Password, output + error, StringComparison.Ordinal);
        return [.. JsonSerializer.Deserialize(output, RecSysJsonContext.Wire.HealthResponse)!.Checks];
    }
}
