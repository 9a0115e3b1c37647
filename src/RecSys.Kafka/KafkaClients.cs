using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using RecSys.Core.Diagnostics;

namespace RecSys.Kafka;

/// <summary>Makes librdkafka's clients with the options that the log depends on and those of the settings. Safe for concurrent use.</summary>
/// <remarks>Lines of librdkafka go to the program's log, one of each kind a minute, without the values of options that name a user or a secret.</remarks>
internal sealed partial class KafkaClients
{
    /// <summary>Options that the log's promises depend on, or that other settings set; see <see cref="KafkaLogOptions"/>.</summary>
    private static readonly string[] Reserved =
    [
        "bootstrap.servers", "metadata.broker.list", "acks", "request.required.acks", "enable.idempotence", "auto.offset.reset", "group.id", "group.protocol",
        "enable.auto.commit", "enable.auto.offset.store", "enable.partition.eof", "isolation.level", "message.max.bytes", "message.timeout.ms", "delivery.timeout.ms",
        "transactional.id", "queue.buffering.max.messages", "queue.buffering.max.kbytes", "allow.auto.create.topics", "partitioner", "check.crcs",
        "queued.max.messages.kbytes", "max.in.flight", "max.in.flight.requests.per.connection", "retries", "message.send.max.retries",
    ];

    private static readonly (string Name, string Value)[] ProducerDefaults = [("linger.ms", "1"), ("batch.size", "262144"), ("compression.type", "lz4")];

    // A reader that joins a consumer waits until the brokers have answered its last request: at most fetch.wait.max.ms.
    private static readonly (string Name, string Value)[] ConsumerDefaults = [("fetch.error.backoff.ms", "200"), ("fetch.wait.max.ms", "100")];

    /// <summary>Parts of the names of options whose values are never logged.</summary>
    private static readonly string[] SecretNames = ["username", "password", "secret", "token", "jaas", "key.pem"];

    private readonly KafkaLogOptions _options;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly ClientConfig _common;
    private readonly Dictionary<string, LogLimiter> _limiters = [];
    private volatile string? _connectionError;

    public KafkaClients(KafkaAddress address, KafkaLogOptions options, TimeProvider time, ILogger logger)
    {
        _options = options;
        _time = time;
        _logger = logger;
        foreach (string name in options.Options.Keys)
        {
            if (Array.Exists(Reserved, reserved => reserved.Equals(name, StringComparison.OrdinalIgnoreCase)))
            {
                throw new ArgumentException($"{KafkaLogOptions.Section}:options:{name} cannot be set: the log depends on its value");
            }
        }

        _common = new ClientConfig(options.Options.ToDictionary(StringComparer.Ordinal))
        {
            BootstrapServers = address.Servers,
            AllowAutoCreateTopics = false,
        };
        _common.ClientId ??= "recsys";
        _common.Set("reconnect.backoff.max.ms", options.Options.GetValueOrDefault("reconnect.backoff.max.ms", "1000")); // a broker that is back is used within a second
        _common.Set("enable.metrics.push", options.Options.GetValueOrDefault("enable.metrics.push", "false"));
    }

    public KafkaAdmin Admin() => new(AdminClient, _options.RequestTimeout, _time);

    private IAdminClient AdminClient() => Made(() => new AdminClientBuilder(new AdminClientConfig(Copied()))
        .SetLogHandler((_, line) => Log(line)).SetErrorHandler((_, error) => OnError(error)).Build());

    /// <param name="onFatal">Called when the producer can send no more; another one must replace it.</param>
    public IProducer<byte[], byte[]> Producer(Action<Error> onFatal) => Made(() => new ProducerBuilder<byte[], byte[]>(new ProducerConfig(Copied(ProducerDefaults))
    {
        EnableIdempotence = true,
        Acks = Acks.All,
        MessageTimeoutMs = (int)_options.AppendTimeout.TotalMilliseconds,
        MessageMaxBytes = KafkaRecord.MessageBytesMax,
        DeliveryReportFields = "status",

        // The queue is bounded by the options, before these limits: a part of an append must not be refused.
        QueueBufferingMaxMessages = int.MaxValue,
        QueueBufferingMaxKbytes = int.MaxValue,
    }).SetLogHandler((_, line) => Log(line))
        .SetErrorHandler((_, error) =>
        {
            if (error.IsFatal)
            {
                onFatal(error);
            }
        }).Build());

    public IConsumer<Ignore, byte[]> Consumer() => Made(() => new ConsumerBuilder<Ignore, byte[]>(new ConsumerConfig(Copied(ConsumerDefaults))
    {
        GroupId = $"{_options.Topic}-readers", // required, but nothing joins it
        EnableAutoCommit = false,
        EnableAutoOffsetStore = false,
        AutoOffsetReset = AutoOffsetReset.Error,
        EnablePartitionEof = true,
        CheckCrcs = true,
        QueuedMaxMessagesKbytes = (int)(_options.ReadAheadBytesMax >> 10),
        ConsumeResultFields = "timestamp",
    }).SetLogHandler((_, line) => Log(line)).SetErrorHandler((_, error) => OnError(error)).Build());

    /// <summary>Returns why a call failed. A call that was not answered in time fails because of the connections: then the text is their last error, such as a refused password.</summary>
    public string ReasonOf(Error error) => error.Code is ErrorCode.Local_TimedOut or ErrorCode.Local_Transport or ErrorCode.Local_AllBrokersDown && _connectionError is { } ofConnection
        ? ofConnection
        : WithoutSecrets(error.Reason);

    /// <summary>Forgets the last error of the connections, because the brokers have answered.</summary>
    public void OnAnswer() => _connectionError = null;

    private void OnError(Error error)
    {
        if (error.Code is not (ErrorCode.Local_AllBrokersDown or ErrorCode.Local_TimedOut)) // they follow from another error
        {
            _connectionError = WithoutSecrets(error.Reason);
        }
    }

    private Dictionary<string, string> Copied(params ReadOnlySpan<(string Name, string Value)> defaults)
    {
        Dictionary<string, string> options = _common.ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);
        foreach ((string name, string value) in defaults)
        {
            options.TryAdd(name, value);
        }

        return options;
    }

    /// <summary>Makes a client; a refused option is named without its value, which may be secret.</summary>
    private T Made<T>(Func<T> make)
    {
        try
        {
            return make();
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException or KafkaException or DllNotFoundException)
        {
            string? option = _options.Options.Keys.Where(name => error.Message.Contains(name, StringComparison.OrdinalIgnoreCase)).MaxBy(name => name.Length);
            throw new ArgumentException(option is null
                ? $"a client of Kafka cannot be made: {WithoutSecrets(error.Message)}"
                : $"{KafkaLogOptions.Section}:options:{option} is not an option of librdkafka, or its value is not allowed");
        }
    }

    private void Log(LogMessage line)
    {
        LogLimiter? limiter;
        lock (_limiters)
        {
            if (!_limiters.TryGetValue(line.Facility, out limiter))
            {
                _limiters.Add(line.Facility, limiter = new LogLimiter());
            }
        }

        LogLevel level = line.Level <= SyslogLevel.Error ? LogLevel.Warning : LogLevel.Information;
        if (_logger.IsEnabled(level) && limiter.TryPass(_time, out long leftOut))
        {
            string text = WithoutSecrets(line.Message);
            LogLine(_logger, level, line.Facility, text, leftOut);
        }
    }

    /// <summary>Returns a text in one line, without the values of secret options.</summary>
    internal string WithoutSecrets(string text)
    {
        foreach ((string name, string value) in _options.Options)
        {
            if (value.Length > 0 && Array.Exists(SecretNames, part => name.Contains(part, StringComparison.OrdinalIgnoreCase)))
            {
                text = text.Replace(value, "…", StringComparison.Ordinal);
            }
        }

        return text.ReplaceLineEndings(" ");
    }

    [LoggerMessage(Message = "Kafka client, {Facility}: {Text} ({LeftOut} more such lines since the last logged one)")]
    private static partial void LogLine(ILogger logger, LogLevel level, string facility, string text, long leftOut);
}
