using RecSys.Client;
using RecSys.Eng.Servers;
using RecSys.TestKit.Servers;
using Xunit;

namespace RecSys.Cli.Tests.Processes;

/// <summary>The real program with its log on a real broker; both are killed meanwhile.</summary>
[Trait("Category", "Slow")]
public sealed class LogOnKafkaTests : IAsyncLifetime
{
    private const int ClicksOfAPhase = 10;
    private const int Users = 40;

    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(120);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recsys-kafka-log-");
    private readonly AcknowledgedInteractions _acknowledged = new(Users, Users * ClicksOfAPhase);
    private KafkaServer? _broker;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private KafkaServer Broker => _broker!;

    private string Address => $"kafka://{Broker.Servers}";

    public async ValueTask InitializeAsync() => _broker = await KafkaServer.StartAsync(Cancel);

    public async ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        if (_broker is not null)
        {
            await _broker.DisposeAsync();
        }
    }

    [Fact]
    public async Task After_kills_of_server_and_broker_every_profile_is_the_fold_of_the_log()
    {
        await using (ServerUnderTest server = await StartAsync())
        {
            using RecSysClient client = Client(server);
            await _acknowledged.WriteAsync(client);
            await _acknowledged.RequireAsync(client);
            RecommendationsResponse slate = await client.GetRecommendationsAsync(AcknowledgedInteractions.UserOf(1), cancellationToken: Cancel);
            Assert.Equal(ClicksOfAPhase, slate.InteractionsHeld);
            await _acknowledged.WriteAsync(client);
            await server.KillAsync();
        }

        await using (ServerUnderTest server = await StartAsync())
        {
            using RecSysClient client = Client(server);
            await _acknowledged.WriteAsync(client);
            await _acknowledged.RequireAsync(client);
            await Broker.KillAsync(Cancel);
            await _acknowledged.RequireUnavailableAsync(client, AcknowledgedInteractions.UserOf(0));
            Assert.Equal(3 * ClicksOfAPhase, (await client.GetRecommendationsAsync(AcknowledgedInteractions.UserOf(1), cancellationToken: Cancel)).InteractionsHeld); // slates are served meanwhile
            Assert.True(await client.IsReadyAsync(Cancel), "a node is not ready because the brokers are away");
            await Broker.StartAgainAsync(Cancel);
            await _acknowledged.WriteAsync(client);
            Dictionary<string, HistoryResponse> before = await _acknowledged.RequireAsync(client);

            JobResponse rebuilt = await client.WaitForJobAsync((await client.StartJobAsync(new JobRequest { Kind = "rebuild" }, Cancel)).Id, cancellationToken: Cancel);

            Assert.True(rebuilt.State == JobStates.Succeeded, rebuilt.Message);
            foreach ((string user, HistoryResponse after) in await _acknowledged.RequireAsync(client))
            {
                Assert.True(after.Items.SequenceEqual(before[user].Items), $"the state of {user} was not the fold of the log");
            }

            Assert.Equal(0, await server.StopAsync(StartMax));
        }

        (int exitCode, string found, _) = await Commands.Cli.RunAsync("doctor", "--data", _folder.FullName, "--log", Address, "--json");
        Assert.True(exitCode == ExitCodes.Done, found);
        Assert.Contains("records in 4 partitions, each on 1 brokers; it keeps all records", found, StringComparison.Ordinal);
        (int refusedCode, _, string error) = await Commands.Cli.RunAsync("recommend", AcknowledgedInteractions.UserOf(1), "--data", _folder.FullName);
        Assert.Equal(ExitCodes.Failed, refusedCode);
        Assert.Contains("is topic recsys-log of Kafka", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_receipt_of_an_erasure_says_what_Kafka_keeps_and_nothing_of_the_person_is_served_or_exported()
    {
        await using ServerUnderTest server = await StartAsync();
        using RecSysClient client = Client(server);
        await _acknowledged.WriteAsync(client);
        ErasureResponse erasure = await client.EraseUserAsync(AcknowledgedInteractions.UserOf(3), Cancel);
        ErasureStatusResponse? status = null;
        while (status?.State != "done")
        {
            status = await client.GetErasureAsync(erasure.Receipt, Cancel);
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancel);
        }

        Assert.Contains("topic recsys-log of Kafka keeps all messages", Assert.Single(status.Remains!), StringComparison.Ordinal);
        Assert.Empty((await client.GetHistoryAsync(AcknowledgedInteractions.UserOf(3), after: erasure.Position, cancellationToken: Cancel)).Items);
        using HttpClient http = new();
        string export = await http.GetStringAsync(new Uri(server.Url!, $"/v1/users/{AcknowledgedInteractions.UserOf(3)}/export"), Cancel);
        Assert.DoesNotContain("\"interaction\"", export, StringComparison.Ordinal);
    }

    private static RecSysClient Client(ServerUnderTest server) =>
        new(new RecSysClientOptions { BaseAddress = server.Url!, Timeout = TimeSpan.FromSeconds(60), RetriesMax = 0 });

    private async Task<ServerUnderTest> StartAsync()
    {
        Dictionary<string, string> settings = new(StringComparer.Ordinal)
        {
            ["recsys:speed:saveAfter"] = "00:00:00.200",
            ["recsys:speed:checkpointEvery"] = "00:00:00.500",
            ["recsys:kafka:url"] = Address,
            ["recsys:kafka:partitions"] = "4",
            ["recsys:kafka:appendTimeout"] = "00:00:20",
        };
        ServerUnderTest server = await ServerUnderTest.LaunchAsync(_folder.FullName, settings, StartMax, Cancel);
        Assert.True(server.Url is not null, string.Join('\n', server.Log));
        return server;
    }
}
