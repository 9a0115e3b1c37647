using System.Collections.Immutable;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RecSys.Core;
using RecSys.Core.Diagnostics;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Speed.Folds;
using RecSys.Speed.Metrics;
using RecSys.Speed.Users;

namespace RecSys.Speed.Erasing;

/// <summary>Reads erasures from the log, and removes each person from every place before it reads the next record.</summary>
/// <remarks>
/// It saves its position only after a person is removed everywhere. After a crash it repeats the removal, which changes
/// nothing. A place that is unavailable is retried without a limit; no person is skipped.
/// </remarks>
internal sealed partial class ErasureDriver(
    IInteractionLog log,
    IFoldStore store,
    IEnumerable<IErasable> places,
    MergePlace merges,
    ProfilePlace profiles,
    NodeFolds folds,
    SpeedCounters counters,
    IOptions<SpeedOptions> options,
    TimeProvider time,
    ILogger<ErasureDriver> logger) : IErasureReceipts, IHostedService, IDisposable
{
    private const string Name = ErasurePosition.FoldName;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly SpeedOptions _options = options.Value;

    // Profiles come first, including those into which the person was merged: they are saved before the bytes that they overwrote are cleared from the files, and
    // before the merges that name them are overwritten in the log.
    private readonly ImmutableArray<IErasable> _places = [merges, profiles, .. places];
    private readonly ImmutableArray<string> _remains = [.. places.Select(place => place.Remains).OfType<string>()];
    private readonly CancellationTokenSource _stop = new();
    private readonly ErasureRegistry _registry = new();
    private readonly Lock _lock = new();
    private readonly LogLimiter _notErased = new();
    private readonly LogLimiter _notSaved = new();
    private LogPosition _position = LogPosition.Start;
    private LogPosition _saved = LogPosition.Start;
    private long _savedAt;
    private Task _running = Task.CompletedTask;

    /// <exception cref="StateAheadOfLogException">The saved position covers an erasure that the log does not contain.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _saved = _position = Load();
        LogRange[] ranges = await log.GetRangesAsync(cancellationToken).ConfigureAwait(false);
        StateAheadOfLogException.ThrowIfBeyond("the position of the erasures", _position, log.Shape, ranges);
        _savedAt = time.GetTimestamp();
        LogFollower follower = new(log, time, logger);
        _running = Task.WhenAll(Enumerable.Range(0, log.Shape.PartitionCount).Select(partition => Task.Run(
            () => follower.FollowAsync(
                "the erasures", partition, FoldOffsets.After(_position, log.Shape, partition), ApplyAsync, _stop.Token),
            CancellationToken.None)));
        _ = _running.ContinueWith(
            task => LogBroken(logger, task.Exception!), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default)
            .WaitAsync(cancellationToken).ConfigureAwait(false);
        SaveIfDue(isForced: true);
    }

    public void Dispose() => _stop.Dispose();

    public async ValueTask<ErasureProgress?> GetAsync(Owner owner, RecordPosition record, CancellationToken cancellationToken)
    {
        if (record.Epoch != log.Shape.Epoch || record.Partition >= log.Shape.PartitionCount || record.Offset < 0)
        {
            return null;
        }

        LogChunk chunk = await log.ReadAsync(record.Partition, record.Offset, 1, cancellationToken).ConfigureAwait(false);
        if (chunk.Entries is not [LogEntry entry] || entry.Offset != record.Offset || ErasedIn(entry.Bytes.Span) is not { } erased || erased.Owner != owner)
        {
            return null; // the token is forged: an erasure that does not exist is not reported as done
        }

        lock (_lock)
        {
            string? problem = _position.Covers(record) && log.Integrity.FirstNotErasable(erased.UpTo, log.Shape.Epoch) is { } place
                ? $"bytes of the person may remain in the damaged part of the log's file ({place}): restore a backup from before the damage, and erase the person again"
                : null;
            return new ErasureProgress(_position.Covers(record) && problem is null, _registry.PlacesOf(owner), problem) { Remains = _remains };
        }
    }

    private async ValueTask ApplyAsync(LogChunk chunk, CancellationToken cancellationToken)
    {
        foreach (LogEntry entry in chunk.Entries)
        {
            if (LogRecordCodec.KindOf(entry.Bytes.Span) == LogRecord.Kind.PersonErased
                && ErasedIn(entry.Bytes.Span) is { } erased)
            {
                RecordPosition record = new(log.Shape.Epoch, chunk.Partition, entry.Offset);
                await EraseAsync(erased, record, cancellationToken).ConfigureAwait(false);
                MoveTo(chunk.Partition, entry.Offset);
                SaveIfDue(isForced: true);
            }
        }

        if (chunk.Next > 0)
        {
            MoveTo(chunk.Partition, chunk.Next - 1);
            SaveIfDue(isForced: false);
        }
    }

    private async Task EraseAsync(LogRecord.PersonErased erased, RecordPosition record, CancellationToken cancellationToken)
    {
        // Every partition has this record. The places are cleared once, at that of the first partition, which a receipt names; the folds at each.
        if (record.Partition == 0)
        {
            _registry.Begin(erased.Owner);
            foreach (IErasable place in _places)
            {
                await UntilDoneAsync(place.Place, () => EraseFromAsync(place, erased, cancellationToken), cancellationToken).ConfigureAwait(false);
            }

            counters.CountErasure();
        }

        await UntilDoneAsync("trends", () => folds.SaveTrendsWithAsync(record, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private async Task EraseFromAsync(IErasable place, LogRecord.PersonErased erased, CancellationToken cancellationToken)
    {
        long removed = await place.EraseAsync(erased.Owner, erased.UpTo, cancellationToken).ConfigureAwait(false);
        _registry.Add(erased.Owner, new ErasedPlace(place.Place, removed, time.GetUtcNow().ToUnixTimeMilliseconds()));
    }

    private async Task UntilDoneAsync(string place, Func<Task> erase, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await erase().ConfigureAwait(false);
                return;
            }
            catch (Exception e) when (e is StoreUnavailableException or OverloadedException)
            {
                if (_notErased.TryPass(time, out long leftOut))
                {
                    LogTriesAgain(logger, e, place, leftOut);
                }

                await Task.Delay(RetryAfter, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private void MoveTo(int partition, long offset)
    {
        lock (_lock)
        {
            _position = _position.Max(LogPosition.Of(new RecordPosition(log.Shape.Epoch, partition, offset)));
        }
    }

    private void SaveIfDue(bool isForced)
    {
        lock (_lock)
        {
            if (_position.Equals(_saved) || (!isForced && time.GetElapsedTime(_savedAt) < _options.FoldSaveEvery))
            {
                return;
            }

            try
            {
                store.Save(Name, ErasurePosition.Encode(_position));
                _saved = _position;
                _savedAt = time.GetTimestamp();
            }
            catch (StoreUnavailableException e)
            {
                // After a restart, the erasures since the last save are repeated.
                if (_notSaved.TryPass(time, out long leftOut))
                {
                    LogNotSaved(logger, e, leftOut);
                }
            }
        }
    }

    // If the position is damaged, all erasures are repeated: a position that is too late would skip persons.
    private LogPosition Load()
    {
        try
        {
            if (store.Load(Name) is not { } bytes)
            {
                return LogPosition.Start;
            }

            if (ErasurePosition.TryDecode(bytes, out LogPosition? position))
            {
                return position;
            }
        }
        catch (CorruptRecordException)
        {
            // As a position that cannot be decoded.
        }

        counters.CountDamagedState();
        LogDamaged(logger);
        return LogPosition.Start;
    }

    private static LogRecord.PersonErased? ErasedIn(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return LogRecordCodec.Decode(bytes) as LogRecord.PersonErased;
        }
        catch (CorruptRecordException)
        {
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "a person cannot be erased from {Place} now; it is retried each second ({LeftOut} more failures since the last logged one)")]
    private static partial void LogTriesAgain(ILogger logger, Exception cause, string place, long leftOut);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the position of the erasures is not saved; it is retried ({LeftOut} more failures since the last logged one)")]
    private static partial void LogNotSaved(ILogger logger, Exception cause, long leftOut);

    [LoggerMessage(Level = LogLevel.Error, Message = "the saved position of the erasures is damaged: all erasures in the log are repeated")]
    private static partial void LogDamaged(ILogger logger);

    [LoggerMessage(Level = LogLevel.Critical, Message = "the erasure of persons stopped: data of persons erased from now on remains until a restart")]
    private static partial void LogBroken(ILogger logger, Exception cause);
}
