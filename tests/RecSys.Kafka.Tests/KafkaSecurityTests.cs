using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging.Abstractions;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.TestKit.Servers;
using Xunit;

namespace RecSys.Kafka.Tests;

/// <summary>A broker that asks for a password and shows a certificate: the options of the client are those of the settings, and a refusal is named.</summary>
[Trait("Category", "Slow")]
public sealed class KafkaSecurityTests(SecuredBroker broker) : IClassFixture<SecuredBroker>, IAsyncLifetime
{
    private const string Plain = "PLAIN";
    private const string Scram = "SCRAM-SHA-512";
    private const string ScramUser = "recsys-scram";
    private const string ScramPassword = "secret-of-scram";

    private static readonly TimeSpan RefusedMax = TimeSpan.FromSeconds(60);

    private readonly KafkaLogOptions _options = Topics.Options(Topics.NewName());
    private SecuredKafkaServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await broker.GetAsync(Cancel);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Records_are_appended_and_read_over_TLS_with_passwords_of_PLAIN_and_SCRAM()
    {
        await AddScramUserAsync();
        KafkaLogIdentity? identity = null;
        foreach ((string mechanism, string user, string password) in new[] { (Plain, SecuredKafkaServer.User, SecuredKafkaServer.Password), (Scram, ScramUser, ScramPassword) })
        {
            Use("SASL_SSL", mechanism, user, password);
            _options.Options["ssl.ca.location"] = _server.Authority;
            await using KafkaInteractionLog log = await OpenAsync(_server.TlsServers, identity);
            await AppendAndReadAsync(log);
            await log.CommitAsync(new Dictionary<int, long> { [0] = 0 });
            identity = log.Identity;
        }
    }

    [Fact]
    public async Task Records_are_appended_and_read_without_TLS_with_a_password()
    {
        Use("SASL_PLAINTEXT", Plain, SecuredKafkaServer.User, SecuredKafkaServer.Password);

        await using KafkaInteractionLog log = await OpenAsync(_server.PlainServers, known: null);

        await AppendAndReadAsync(log);
    }

    [Theory]
    [InlineData(Plain, SecuredKafkaServer.User)]
    [InlineData(Scram, ScramUser)]
    public async Task A_wrong_password_is_refused_with_the_reason_and_without_the_password(string mechanism, string user)
    {
        await AddScramUserAsync();
        Use("SASL_SSL", mechanism, user, "not-the-password");
        _options.Options["ssl.ca.location"] = _server.Authority;

        StoreUnavailableException refusal = await RefusalAsync();

        Assert.Contains(_server.TlsServers, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("SASL authentication error", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("not-the-password", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_whose_certificate_is_of_an_unknown_authority_is_refused_with_the_reason()
    {
        Use("SASL_SSL", Plain, SecuredKafkaServer.User, SecuredKafkaServer.Password);

        StoreUnavailableException refusal = await RefusalAsync();

        Assert.Contains("certificate verify failed", refusal.Message, StringComparison.Ordinal);
    }

    private void Use(string protocol, string mechanism, string user, string password)
    {
        _options.Options["security.protocol"] = protocol;
        _options.Options["sasl.mechanism"] = mechanism;
        _options.Options["sasl.username"] = user;
        _options.Options["sasl.password"] = password;
    }

    private async Task<StoreUnavailableException> RefusalAsync() =>
        await Assert.ThrowsAsync<StoreUnavailableException>(() => OpenAsync(_server.TlsServers, known: null).WaitAsync(RefusedMax, Cancel));

    private async Task<KafkaInteractionLog> OpenAsync(string servers, KafkaLogIdentity? known) => await KafkaInteractionLog.OpenAsync(
        new KafkaAddress(servers), _options, new OwnerHash(new byte[OwnerHash.KeySizeBytes]), known, TimeProvider.System, NullLogger.Instance);

    private static async Task AppendAndReadAsync(KafkaInteractionLog log)
    {
        LogPosition end = await log.AppendAsync([new LogRecord.Interaction(new UserId("ada"), new ItemId("item"), "view", 1_700_000_000_000)], Cancel);
        int partition = Enumerable.Range(0, log.Shape.PartitionCount).Single(partition => end[partition] >= 0);
        using ILogReader reader = log.OpenReader(partition, end[partition]);

        LogEntry entry = Assert.Single((await reader.ReadAsync(10, Cancel)).Entries);

        Assert.Equal("item", ((LogRecord.Interaction)LogRecordCodec.Decode(entry.Bytes.Span)!).Item.Value);
    }

    private async Task AddScramUserAsync()
    {
        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = _server.Broker.Servers }).Build();
        await admin.AlterUserScramCredentialsAsync(
        [
            new UserScramCredentialUpsertion
            {
                User = ScramUser,
                ScramCredentialInfo = new ScramCredentialInfo { Mechanism = ScramMechanism.ScramSha512, Iterations = 4_096 },
                Password = System.Text.Encoding.UTF8.GetBytes(ScramPassword),
            },
        ]);
    }
}
