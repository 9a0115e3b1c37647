using RecSys.Client;
using RecSys.Eng.Servers;
using RecSys.TestKit.Servers;
using Xunit;

namespace RecSys.Cli.Tests.Processes;

/// <summary>The real program with its log on a broker with TLS and passwords, by the settings of the guide.</summary>
[Trait("Category", "Slow")]
public sealed class PasswordOfKafkaTests : IAsyncLifetime
{
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(120);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recsys-kafka-password-");
    private SecuredKafkaServer? _broker;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _broker = await SecuredKafkaServer.StartAsync(Cancel);

    public async ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        if (_broker is not null)
        {
            await _broker.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_server_uses_the_password_and_with_a_wrong_one_ends_with_one_line_that_says_so()
    {
        await using (ServerUnderTest server = await LaunchAsync(SecuredKafkaServer.Password))
        {
            Assert.True(server.Url is not null, string.Join('\n', server.Log));
            using RecSysClient client = new(new RecSysClientOptions { BaseAddress = server.Url, RetriesMax = 0 });
            string recorded = (await client.RecordAsync([new InteractionBody { UserId = "ada", ItemId = "item", Type = "view" }], Cancel)).Position;
            HistoryResponse history = await client.GetHistoryAsync("ada", after: recorded, cancellationToken: Cancel);
            Assert.Equal("item", Assert.Single(history.Items).ItemId);
            Assert.Equal(ExitCodes.Done, await server.StopAsync(StartMax));
        }

        await using ServerUnderTest refused = await LaunchAsync("not-the-password");

        Assert.Null(refused.Url);
        Assert.Equal(ExitCodes.Failed, refused.ExitCode);
        string line = Assert.Single(refused.Log, line => line.StartsWith("recsys: ", StringComparison.Ordinal));
        Assert.Contains("SASL authentication error", line, StringComparison.Ordinal);
        Assert.DoesNotContain(refused.Log, line => line.Contains("not-the-password", StringComparison.Ordinal));
    }

    private Task<ServerUnderTest> LaunchAsync(string password) => ServerUnderTest.LaunchAsync(
        _folder.FullName,
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["recsys:kafka:url"] = $"kafka://{_broker!.TlsServers}",
            ["recsys:kafka:options:security.protocol"] = "SASL_SSL",
            ["recsys:kafka:options:sasl.mechanism"] = "PLAIN",
            ["recsys:kafka:options:sasl.username"] = SecuredKafkaServer.User,
            ["recsys:kafka:options:sasl.password"] = password,
            ["recsys:kafka:options:ssl.ca.location"] = _broker.Authority,
        },
        StartMax,
        Cancel);
}
