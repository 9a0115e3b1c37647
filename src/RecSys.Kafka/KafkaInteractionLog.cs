using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;
using RecSys.Core.Diagnostics;
using RecSys.Core.Log;
using RecSys.Core.Ports;

namespace RecSys.Kafka;

/// <summary>The interaction log on a topic of Kafka, whose partitions are the log's; epoch 0, because their number never changes. Safe for concurrent use.</summary>
/// <remarks>
/// <para>
/// Acknowledged means confirmed by all replicas in sync. An append that fails may leave some of its records: the ids of interactions make a retry harmless.
/// The offsets of a partition may have holes.
/// </para>
/// <para>
/// A topic that was deleted and created again, or that lost acknowledged records, ends the log: reading fails with <see cref="InvalidDataException"/>, every other call
/// with <see cref="StoreUnavailableException"/>, both with the reason. See docs/decisions/0062-a-log-on-kafka.md.
/// </para>
/// </remarks>
public sealed partial class KafkaInteractionLog : IInteractionLog, IErasable
{
    internal const int Epoch = 0;

    /// <summary>Time between two checks that the topic is still the same.</summary>
    private static readonly TimeSpan CheckEvery = TimeSpan.FromSeconds(10);

    /// <summary>Time between two checks of an offset that a consumer did not find, while the brokers do not answer.</summary>
    private static readonly TimeSpan OffsetCheckEvery = TimeSpan.FromSeconds(1);

    /// <summary>Time for which the brokers must name an end before acknowledged records until it counts as a loss: after a change of leaders the end is behind for a moment.</summary>
    private static readonly TimeSpan TruncatedAfter = TimeSpan.FromSeconds(10);

    private readonly KafkaLogOptions _options;
    private readonly ILogger _logger;
    private readonly KafkaAdmin _admin;
    private readonly TopicSetup _setup;
    private readonly LogOffsets _offsets;
    private readonly KafkaAppender _appender;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _checkNow = new(0, 1);
    private readonly Task _checks;
    private readonly LogLimiter _laneFailed = new();
    private string? _fault;

    // By partition, when the brokers were first seen to name an end before acknowledged records; 0 while they do not.
    private readonly long[] _behindSince;
    private int _isDisposed;

    private KafkaInteractionLog(
        KafkaAddress address, KafkaLogOptions options, LogRecordCodec codec, KafkaClients clients, KafkaAdmin admin, TopicSetup setup, KafkaLogIdentity identity, FoundTopic found, TimeProvider time, ILogger logger)
    {
        _options = options;
        _admin = admin;
        _setup = setup;
        _logger = logger;
        Clients = clients;
        Time = time;
        Identity = identity;
        Retention = RetentionOf(found);
        Shape = new LogShape(Epoch, identity.Partitions);
        _offsets = new LogOffsets(clients, options, address, identity.Partitions, time);
        Ends = new AckedEnds(identity.Partitions);
        _behindSince = new long[identity.Partitions];
        Ends.TopicReplaced += () => Stop($"topic {Topic} was deleted and created again while this process used it");
        Lanes = new ConsumerLanes(this);
        _appender = new KafkaAppender(clients, options, codec, Ends, time);
        _checks = Task.Run(CheckAsync);
    }

    /// <inheritdoc/>
    public LogShape Shape { get; }

    /// <inheritdoc/>
    /// <remarks>Damage is found again by the reads after a restart.</remarks>
    public LogIntegrity Integrity { get; } = new();

    /// <summary>Gets the topic's identity, which the installation remembers.</summary>
    public KafkaLogIdentity Identity { get; }

    /// <summary>Gets for how long the topic keeps records.</summary>
    public KafkaRetention Retention { get; }

    /// <summary>Gets the name of the topic.</summary>
    public string Topic => _options.Topic;

    /// <summary>Gets why reading fails for ever; null while the log is usable.</summary>
    internal InvalidDataException? Fault => Volatile.Read(ref _fault) is { } reason ? new InvalidDataException(reason) : null;

    internal KafkaClients Clients { get; }

    internal TimeProvider Time { get; }

    internal AckedEnds Ends { get; }

    internal ConsumerLanes Lanes { get; }

    internal TimeSpan RequestTimeout => _options.RequestTimeout;

    internal long ReadAheadBytesMax => _options.ReadAheadBytesMax;

    /// <summary>Opens the log, and creates the topic of a new installation if it does not exist.</summary>
    /// <param name="address">Addresses of the brokers.</param>
    /// <param name="options">The topic, and the limits.</param>
    /// <param name="hash">Hash with the key of the installation.</param>
    /// <param name="known">Identity that the installation remembers; null if it has used no topic yet.</param>
    /// <param name="time">Clock for retries and time-outs.</param>
    /// <param name="logger">Receives the lines of the client library, and the reason if the log ends.</param>
    /// <returns>The log; <see cref="Identity"/> must be stored before the first append.</returns>
    /// <exception cref="ArgumentException">An option is out of its range, or the client library refuses it.</exception>
    /// <exception cref="InvalidDataException">The topic is not the one of the installation, or a setting of it deviates: see <see cref="TopicRules"/>. The message has the remedy.</exception>
    /// <exception cref="StoreUnavailableException">The brokers do not answer.</exception>
    public static async Task<KafkaInteractionLog> OpenAsync(
        KafkaAddress address, KafkaLogOptions options, Core.OwnerHash hash, KafkaLogIdentity? known, TimeProvider time, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(hash);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(logger);
        OptionsRules.Require(options);
        KafkaClients clients = new(address, options, time, logger);
        KafkaAdmin admin = clients.Admin();
        KafkaInteractionLog? log = null;
        try
        {
            TopicSetup setup = new(admin, clients, options, address.Servers, time);
            (FoundTopic found, bool isNew) = await FindAsync(setup, options, address, known).ConfigureAwait(false);
            KafkaLogIdentity identity = new(options.Topic, found.Id, found.Partitions, KafkaRecord.Format, hash.Installation);
            if (known is not null && TopicRules.OtherThan(known, identity) is { } other)
            {
                throw new InvalidDataException(other);
            }

            if (TopicRules.Problems(options.Topic, found, address.Servers) is { Count: > 0 } problems)
            {
                throw new InvalidDataException(string.Join("; ", problems));
            }

            log = new KafkaInteractionLog(address, options, new LogRecordCodec(hash), clients, admin, setup, identity, found, time, logger);
            LogRange[] ranges = await log.GetRangesAsync(CancellationToken.None).ConfigureAwait(false);
            if (known is null && !isNew && ranges.Any(range => range.End > 0))
            {
                throw new InvalidDataException(
                    $"topic {options.Topic} at {address.Servers} contains records, but this installation has used no topic yet: restore the data folder whose log it is ({KafkaLogIdentity.FileName} and the owner key), "
                    + $"or set another topic ({KafkaLogOptions.Section}:topic)");
            }

            return log;
        }
        catch
        {
            if (log is not null)
            {
                await log.DisposeAsync().ConfigureAwait(false);
            }
            else
            {
                admin.Dispose();
            }

            throw;
        }
    }

    /// <summary>Checks the topic of a log; changes nothing, and creates none.</summary>
    /// <param name="address">Addresses of the brokers.</param>
    /// <param name="options">Name of the topic, and the options of the client.</param>
    /// <param name="known">Identity that the installation remembers; null if it has used no topic yet.</param>
    /// <param name="time">Clock for retries and time-outs.</param>
    /// <param name="logger">Receives the lines of the client library.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or the client library refuses it.</exception>
    /// <exception cref="StoreUnavailableException">The brokers do not answer.</exception>
    public static async Task<KafkaReport> InspectAsync(KafkaAddress address, KafkaLogOptions options, KafkaLogIdentity? known, TimeProvider time, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(options);
        OptionsRules.Require(options);
        KafkaClients clients = new(address, options, time, logger);
        using KafkaAdmin admin = clients.Admin();
        TopicSetup setup = new(admin, clients, options, address.Servers, time);
        if (await setup.FindAsync(withSettings: true).ConfigureAwait(false) is not { } found)
        {
            return new KafkaReport(known is null ? [] : [MissingTopic(options, address)]);
        }

        string? other = known is null ? null : TopicRules.OtherThan(known, known with { Topic = options.Topic, TopicId = found.Id, Partitions = found.Partitions });
        using LogOffsets offsets = new(clients, options, address, found.Partitions, time);
        return new KafkaReport([.. other is null ? (string[])[] : [other], .. TopicRules.Problems(options.Topic, found, address.Servers)])
        {
            Ranges = await offsets.RangesAsync().ConfigureAwait(false),
            Replicas = found.Replicas,
            Retention = RetentionOf(found),
        };
    }

    /// <summary>Deletes a topic with all its records, such as that of a benchmark; a missing one is not an error.</summary>
    /// <param name="address">Addresses of the brokers.</param>
    /// <param name="options">The topic, and the options of the client.</param>
    /// <param name="time">Clock for retries and time-outs.</param>
    /// <param name="logger">Receives the lines of the client library.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or the client library refuses it.</exception>
    /// <exception cref="StoreUnavailableException">The brokers do not answer, or refuse it.</exception>
    public static async Task DeleteTopicAsync(KafkaAddress address, KafkaLogOptions options, TimeProvider time, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(logger);
        OptionsRules.Require(options);
        KafkaClients clients = new(address, options, time, logger);
        using KafkaAdmin admin = clients.Admin();
        await new TopicSetup(admin, clients, options, address.Servers, time).DeleteAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A record, or all of them, exceed a limit, which the message names.</exception>
    /// <remarks>If it fails, some of the records may be stored.</remarks>
    public async ValueTask<LogPosition> AppendAsync(IReadOnlyList<LogRecord> records, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(records);
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfEnded();
        if (records.Count == 0)
        {
            return new LogPosition(Epoch, [.. Enumerable.Repeat(-1L, Shape.PartitionCount)]);
        }

        return await _appender.AppendAsync(records).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ILogReader OpenReader(int partition, long from)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(partition);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(partition, Shape.PartitionCount);
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        KafkaReader reader = new(this, partition, from);
        if (Fault is { } fault)
        {
            reader.Fail(fault);
        }

        return reader;
    }

    /// <inheritdoc/>
    public async ValueTask<LogRange[]> GetRangesAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfEnded();
        long[] acked = [.. Enumerable.Range(0, Shape.PartitionCount).Select(Ends.Acked)];
        LogRange[] ranges;
        try
        {
            ranges = await _offsets.RangesAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
            CheckNow(); // perhaps because the topic is another one
            throw;
        }

        for (int partition = 0; partition < ranges.Length; partition++)
        {
            RequireAcked(partition, ranges[partition].End, acked[partition]);
            Ends.Note(partition, ranges[partition].End);
        }

        return ranges;
    }

    /// <inheritdoc/>
    public string Place => "log";

    /// <inheritdoc/>
    public bool IsShared => true;

    /// <inheritdoc/>
    public string? Remains => Retention switch
    {
        { IsUnlimited: true } => $"topic {Topic} of Kafka keeps all messages, including those of the person, until the topic is deleted or retention.ms is set",
        { Time: { } time } => $"topic {Topic} of Kafka keeps messages of the person until they are {AgeOf(time)} old",
        _ => $"topic {Topic} of Kafka keeps messages of the person until it exceeds its size (retention.bytes)",
    };

    private static string AgeOf(TimeSpan time)
    {
        (double count, string unit) = time.TotalDays >= 1 ? (time.TotalDays, "days") : time.TotalHours >= 1 ? (time.TotalHours, "hours") : (time.TotalSeconds, "seconds");
        return string.Create(CultureInfo.InvariantCulture, $"{count:0.#} {unit}");
    }

    /// <inheritdoc/>
    /// <remarks>This call removes nothing, because Kafka does not remove single messages. Readers of the log skip the records that the erasure covers, and <see cref="Remains"/> describes the messages that remain.</remarks>
    public ValueTask<long> EraseAsync(Core.Owner owner, LogPosition upTo, CancellationToken cancellationToken) => new(0);

    /// <summary>Commits offsets for the group of the settings, which shows the lag to Kafka's tools; it changes nothing here.</summary>
    /// <param name="next">By partition, the offset before which all records are ingested; partitions that are not listed keep theirs.</param>
    /// <exception cref="StoreUnavailableException">The offsets cannot be committed now, also because another program has joined the group.</exception>
    public async Task CommitAsync(IReadOnlyDictionary<int, long> next)
    {
        ArgumentNullException.ThrowIfNull(next);
        if (_options.Group.Length == 0 || next.Count == 0)
        {
            return;
        }

        ThrowIfEnded();

        try
        {
            await _admin.CallAsync(client => client.AlterConsumerGroupOffsetsAsync(
                [new ConsumerGroupTopicPartitionOffsets(_options.Group, [.. next.Select(pair => new TopicPartitionOffset(Topic, pair.Key, pair.Value))])],
                new AlterConsumerGroupOffsetsOptions { RequestTimeout = _options.RequestTimeout })).ConfigureAwait(false);
        }
        catch (AlterConsumerGroupOffsetsException error)
        {
            Error cause = error.Results.FirstOrDefault()?.Error is { IsError: true } ofGroup ? ofGroup
                : error.Results.SelectMany(result => result.Partitions).FirstOrDefault(partition => partition.Error.IsError)?.Error ?? error.Error;
            throw NotCommitted(cause, error);
        }
        catch (KafkaException error)
        {
            throw NotCommitted(error.Error, error);
        }
    }

    /// <summary>Waits for the queued appends, and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 1)
        {
            return;
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        await _checks.ConfigureAwait(false);
        await Task.Run(() =>
        {
            _appender.Dispose();
            _offsets.Dispose();
            Lanes.Dispose();
            _admin.Dispose();
        }).ConfigureAwait(false);
        _stop.Dispose();
        _checkNow.Dispose();
    }

    /// <summary>Handles an error of a consumer that is not of one reader: the library retries; a topic that another one replaced is detected immediately.</summary>
    internal void OnReadError(Error error)
    {
        if (error.Code is ErrorCode.UnknownTopicId or ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic or ErrorCode.Local_UnknownPartition)
        {
            CheckNow();
        }
    }

    /// <summary>Logs the failure of a consumer, whose readers continue on another one.</summary>
    internal void OnLaneFailed(Exception error)
    {
        if (_laneFailed.TryPass(Time, out long leftOut))
        {
            LogLaneFailed(_logger, error, leftOut);
        }
    }

    /// <summary>Ends a reader whose next offset the partition no longer has, or restarts it if the partition has the offset. While the brokers do not name the offsets, as during a change of leaders, they are asked again.</summary>
    internal void OnOffsetGone(KafkaReader reader) => _ = Task.Run(async () =>
    {
        try
        {
            while (!reader.HasEnded && !await TryJudgeOffsetAsync(reader).ConfigureAwait(false))
            {
                await Task.Delay(OffsetCheckEvery, Time, _stop.Token).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
        {
            reader.Fail(new ObjectDisposedException(nameof(KafkaInteractionLog)));
        }
    });

    /// <summary>Restarts a reader whose next offset the partition has, or ends it; returns false if the brokers do not name the offsets now.</summary>
    private async Task<bool> TryJudgeOffsetAsync(KafkaReader reader)
    {
        await CheckIdentityAsync().ConfigureAwait(false);
        if (Fault is { } fault)
        {
            reader.Fail(fault);
            return true;
        }

        LogRange range;
        try
        {
            range = (await _offsets.RangesAsync().ConfigureAwait(false))[reader.Partition];
        }
        catch (StoreUnavailableException)
        {
            return false;
        }

        if (reader.Arrived >= range.Start && reader.Arrived <= range.End)
        {
            reader.Restart(); // the end was behind for a moment, as after a change of leaders
            return true;
        }

        reader.Fail(new InvalidDataException(reader.Arrived < range.Start
            ? $"partition {reader.Partition} of topic {Topic} begins at offset {range.Start}: retention removed the records from {reader.Arrived} on before they were read"
            : $"partition {reader.Partition} of topic {Topic} ends at offset {range.End}, before offset {reader.Arrived}: it was truncated, or lost its newest records"));
        return true;
    }

    private static async Task<(FoundTopic Topic, bool IsNew)> FindAsync(TopicSetup setup, KafkaLogOptions options, KafkaAddress address, KafkaLogIdentity? known)
    {
        if (await setup.FindAsync(withSettings: true).ConfigureAwait(false) is { } found)
        {
            return (found, false);
        }

        return known is null
            ? await setup.CreateAsync().ConfigureAwait(false)
            : throw new InvalidDataException(MissingTopic(options, address));
    }

    private static string MissingTopic(KafkaLogOptions options, KafkaAddress address) =>
        $"topic {options.Topic}, which contains the log of this installation, does not exist at {address.Servers}: restore it, or set the address and the topic of the log";

    private static KafkaRetention RetentionOf(FoundTopic found) => new(TopicRules.RetentionOf(found), TopicRules.HasSizeLimit(found));

    private StoreUnavailableException NotCommitted(Error error, Exception cause) =>
        new($"the offsets of group {_options.Group} are not committed: {Clients.WithoutSecrets(error.Reason)}", cause);

    /// <summary>Checks that the brokers have what they acknowledged.</summary>
    private void RequireAcked(int partition, long end, long acked)
    {
        if (end >= acked)
        {
            Volatile.Write(ref _behindSince[partition], 0);
            return;
        }

        long now = Time.GetTimestamp();
        long since = Interlocked.CompareExchange(ref _behindSince[partition], now, 0);
        string loss = $"partition {partition} of topic {Topic} ends at offset {end}, before offset {acked}, up to which records were acknowledged";
        if (since != 0 && Time.GetElapsedTime(since, now) > TruncatedAfter)
        {
            Stop($"{loss}: it was truncated, or lost its newest records");
        }

        CheckNow();
        throw new StoreUnavailableException(loss);
    }

    private void CheckNow()
    {
        try
        {
            _checkNow.Release();
        }
        catch (Exception error) when (error is SemaphoreFullException or ObjectDisposedException)
        {
            // A check is due already, or the log is closed.
        }
    }

    private async Task CheckAsync()
    {
        try
        {
            while (true)
            {
                await _checkNow.WaitAsync(CheckEvery, _stop.Token).ConfigureAwait(false);
                await CheckIdentityAsync().ConfigureAwait(false);
                await Task.Delay(TimeSpan.FromSeconds(1), Time, _stop.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The log is closed.
        }
    }

    private async Task CheckIdentityAsync()
    {
        try
        {
            // A topic that does not exist may be one that a starting broker does not know yet.
            if (await _setup.FindAsync(withSettings: false).ConfigureAwait(false) is { } found
                && TopicRules.OtherThan(Identity, Identity with { TopicId = found.Id, Partitions = found.Partitions }) is { } other)
            {
                Stop(other);
            }
        }
        catch (StoreUnavailableException)
        {
            // It is checked again.
        }
    }

    private void ThrowIfEnded()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) == 1, this);
        if (Volatile.Read(ref _fault) is { } fault)
        {
            throw new StoreUnavailableException(fault);
        }
    }

    private void Stop(string reason)
    {
        if (Interlocked.CompareExchange(ref _fault, reason, null) is null)
        {
            LogEnded(_logger, reason);
            Lanes.Fail(new InvalidDataException(reason));
        }
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "the log on Kafka is no longer used: {Reason}")]
    private static partial void LogEnded(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "a consumer of Kafka failed; its partitions are read by another one ({LeftOut} more failures since the last such line)")]
    private static partial void LogLaneFailed(ILogger logger, Exception cause, long leftOut);
}
