using System.Globalization;
using RecSys.Client;
using RecSys.Eng.Servers;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Cli.Tests.Processes;

/// <summary>The real program with its states in PostgreSQL, which is stopped and killed meanwhile.</summary>
[Trait("Category", "Slow")]
public sealed class StatesInPostgresTests : IAsyncLifetime
{
    private const int Users = 60;
    private const int RowsOfAPhase = 600;

    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recsys-database-");
    private readonly Dictionary<string, List<string>> _acknowledged = Enumerable.Range(0, Users).ToDictionary(UserOf, _ => new List<string>(), StringComparer.Ordinal);
    private PostgresServer? _server;
    private int _rows;
    private string? _position;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private PostgresServer Server => _server!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        Assert.SkipUnless(Environment.GetEnvironmentVariable(PostgresServer.Variable) is null, $"{PostgresServer.Variable} names a server, which is not stopped");
        _server = await PostgresServer.StartOwnAsync(Cancel);
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
            await WriteAsync(client);
            await Server.StopAsync(Cancel);
            await WriteAsync(client);
            Assert.True((await client.GetHistoryAsync(UserOf(7), count: 1_024, after: _position, cancellationToken: Cancel)).Reflected, "a user in memory");
            Assert.True(await IsReadyAsync(server), "a node is not ready because the database is away");
            await Server.StartAgainAsync(Cancel);
            await WriteAsync(client);
            Server.Kill();
            await WriteAsync(client);
            await server.KillAsync(); // what the database lacks is read from the log again
        }

        await Server.StartAgainAsync(Cancel);
        await using (ServerUnderTest server = await StartAsync())
        {
            using RecSysClient client = Client(server);
            await WriteAsync(client);
            Task writing = WriteAsync(client);
            Server.Kill();
            await Server.StartAgainAsync(Cancel);
            await writing;
            Dictionary<string, HistoryResponse> before = await RequireAcknowledgedAsync(client);

            JobResponse rebuilt = await client.WaitForJobAsync((await client.StartJobAsync(new JobRequest { Kind = "rebuild" }, Cancel)).Id, cancellationToken: Cancel);

            Assert.True(rebuilt.State == JobStates.Succeeded, rebuilt.Message);
            foreach ((string user, HistoryResponse after) in await RequireAcknowledgedAsync(client))
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
            await WriteAsync(client);
            Assert.Equal(0, await first.StopAsync(StartMax));
        }

        await using ServerUnderTest server = await StartAsync();
        using RecSysClient asked = Client(server);
        await Server.StopAsync(Cancel);

        RecommendationsResponse away = await asked.GetRecommendationsAsync(UserOf(3), cancellationToken: Cancel);

        Assert.True(away.Degraded);
        Assert.Contains(away.DegradedReasons!, reason => reason.Contains("profile", StringComparison.Ordinal));
        await Server.StartAgainAsync(Cancel);
        while ((await asked.GetRecommendationsAsync(UserOf(3), cancellationToken: Cancel)).InteractionsHeld is not > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, Cancel);
        }
    }

    private static string UserOf(int user) => string.Create(CultureInfo.InvariantCulture, $"user-{user}");

    private static RecSysClient Client(ServerUnderTest server) => new(new RecSysClientOptions { BaseAddress = server.Url!, Timeout = TimeSpan.FromSeconds(60) });

    private static async Task<bool> IsReadyAsync(ServerUnderTest server)
    {
        using HttpClient http = new();
        using HttpResponseMessage ready = await http.GetAsync(new Uri(server.Url!, "/health/ready"), Cancel);
        return ready.IsSuccessStatusCode;
    }

    private async Task WriteAsync(RecSysClient client)
    {
        for (int sent = 0; sent < RowsOfAPhase; sent += Users)
        {
            InteractionBody[] rows =
            [
                .. Enumerable.Range(0, Users).Select(user => new InteractionBody
                {
                    UserId = UserOf(user),
                    ItemId = string.Create(CultureInfo.InvariantCulture, $"item-{_rows++}"),
                    Type = "click",
                }),
            ];
            _position = (await client.RecordAsync(rows, Cancel)).Position;
            foreach (InteractionBody row in rows)
            {
                _acknowledged[row.UserId].Add(row.ItemId);
            }
        }
    }

    private async Task<Dictionary<string, HistoryResponse>> RequireAcknowledgedAsync(RecSysClient client)
    {
        Dictionary<string, HistoryResponse> histories = new(StringComparer.Ordinal);
        foreach ((string user, List<string> items) in _acknowledged)
        {
            HistoryResponse history = histories[user] = await client.GetHistoryAsync(user, count: 1_024, after: _position, cancellationToken: Cancel);
            Assert.True(history.Reflected is not false, $"what was acknowledged of {user} is not reflected");
            Assert.Equal(items.Order(StringComparer.Ordinal), history.Items.Select(item => item.ItemId).Order(StringComparer.Ordinal));
        }

        return histories;
    }

    private async Task<ServerUnderTest> StartAsync()
    {
        Dictionary<string, string> settings = new(StringComparer.Ordinal)
        {
            ["recsys:speed:saveAfter"] = "00:00:00.200",
            ["recsys:speed:checkpointEvery"] = "00:00:00.500",
            ["recsys:postgres:url"] = Server.Url,
            ["recsys:postgres:password"] = PostgresServer.Password,
            ["recsys:postgres:retryAfter"] = "00:00:00.500",
        };
        ServerUnderTest server = await ServerUnderTest.LaunchAsync(_folder.FullName, settings, StartMax, Cancel);
        Assert.True(server.Url is not null, string.Join('\n', server.Log));
        return server;
    }
}
