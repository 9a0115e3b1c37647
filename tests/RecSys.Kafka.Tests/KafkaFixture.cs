using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging.Abstractions;
using RecSys.Core;
using RecSys.TestKit.Servers;
using Xunit;

[assembly: AssemblyFixture(typeof(RecSys.Kafka.Tests.SharedBroker))]

namespace RecSys.Kafka.Tests;

/// <summary>One broker for all tests that do not stop it, started by the first that needs it; each test has its own topics.</summary>
public sealed class SharedBroker : IAsyncDisposable
{
    private readonly SemaphoreSlim _starting = new(1, 1);
    private KafkaServer? _server;

    public async Task<KafkaServer> GetAsync(CancellationToken cancellationToken)
    {
        await _starting.WaitAsync(cancellationToken);
        try
        {
            return _server ??= await KafkaServer.StartAsync(cancellationToken);
        }
        finally
        {
            _starting.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _starting.Dispose();
    }
}

/// <summary>One broker with passwords and TLS for the tests of a class.</summary>
public sealed class SecuredBroker : IAsyncDisposable
{
    private SecuredKafkaServer? _server;

    public async Task<SecuredKafkaServer> GetAsync(CancellationToken cancellationToken) => _server ??= await SecuredKafkaServer.StartAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}

/// <summary>Topics of a broker, and the logs on them.</summary>
internal sealed class Topics(string servers) : IAsyncDisposable
{
    private readonly List<KafkaInteractionLog> _open = [];

    public IAdminClient Admin { get; } = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = servers }).SetLogHandler((_, _) => { }).Build();

    public string Servers => servers;

    public static string NewName() => $"log-{Guid.NewGuid():N}";

    public static KafkaLogOptions Options(string topic, int partitions = 4) => new()
    {
        Topic = topic,
        Partitions = partitions,
        ReplicationFactor = 1,
        RequestTimeout = TimeSpan.FromSeconds(10),
    };

    public async Task<KafkaInteractionLog> OpenAsync(KafkaLogOptions options, KafkaLogIdentity? known, OwnerHash? hash = null)
    {
        KafkaInteractionLog log = await KafkaInteractionLog.OpenAsync(
            new KafkaAddress(servers), options, hash ?? new OwnerHash(new byte[OwnerHash.KeySizeBytes]), known, TimeProvider.System, NullLogger.Instance);
        _open.Add(log);
        return log;
    }

    public async Task CreateAsync(string topic, int partitions, params (string Name, string Value)[] settings) => await Admin.CreateTopicsAsync(
    [
        new TopicSpecification
        {
            Name = topic,
            NumPartitions = partitions,
            ReplicationFactor = 1,
            Configs = settings.ToDictionary(setting => setting.Name, setting => setting.Value, StringComparer.Ordinal),
        },
    ]);

    /// <summary>A producer of another program.</summary>
    public IProducer<byte[], byte[]> Producer(string? transactionalId = null) =>
        new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = servers, TransactionalId = transactionalId, MessageMaxBytes = 2_000_000 }).Build();

    public async ValueTask DisposeAsync()
    {
        foreach (KafkaInteractionLog log in _open)
        {
            await log.DisposeAsync();
        }

        Admin.Dispose();
    }
}
