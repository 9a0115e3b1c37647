using Akka.Actor;
using Akka.Pattern;
using Microsoft.Extensions.Logging;
using RecSys.Actors.Mailboxes;
using RecSys.Core;
using RecSys.Core.Diagnostics;
using RecSys.Core.Ingestion;
using RecSys.Core.Log;
using RecSys.Core.Ports;

namespace RecSys.Speed.Ingest;

/// <summary>Sends the records of one partition to the users' actors, as <see cref="IngestMachine"/> decides.</summary>
/// <remarks>
/// The actor is an entity of the users' shard region, in one of the partition's shards, so that it runs on the same node as the partition's users. It is kept running as
/// Akka's sharded daemon process keeps its actors running, but unlike those it has an address, because requests with a log position query it. After a fault the supervisor restarts it from the saved checkpoint, with a delay that grows with each
/// fault.
/// </remarks>
internal sealed partial class IngestActor : ActorBase, IWithTimers, IDisposable
{
    private static readonly TimeSpan TickEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>The number of ticks between two reads of the log's range.</summary>
    private const int RangeTicks = 3;

    /// <summary>The largest number of attempts to save the last checkpoint.</summary>
    private const int FinishAttemptsMax = 3;

    /// <summary>The longest time, in milliseconds, for which an actor waits until its users are saved when the partition moves to another node. The next node does not read saved records again.</summary>
    private const long LeaveMs = 2_000;

    /// <summary>The time without a saved user, in milliseconds, after which this wait ends earlier: the remaining users cannot be saved, and the next node reads their records again.</summary>
    private const long LeaveQuietMs = 500;

    /// <summary>The time, in milliseconds, after which an unused log reader of old records is closed.</summary>
    private const long ReaderIdleMs = 10_000;

    /// <summary>The value in <see cref="_readMs"/> while a read runs, so that the log reader is not closed.</summary>
    private const long ReadRuns = long.MaxValue;

    /// <summary>The largest number of queries that may wait until a record is read; further queries are not answered and time out.</summary>
    private const int QueriesMax = 10_000;

    private readonly IngestServices _services;
    private readonly int _partition;
    private readonly IngestMachine _machine;
    private readonly IngestStatus _status;
    private readonly IngestLag _lag = new();
    private readonly LogLimiter _notRead = new();
    private readonly LogLimiter _notSaved = new();
    private readonly PriorityQueue<(Owner Owner, long Offset, IActorRef Asker), long> _queries = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly long _started;

    /// <summary>The open log readers, by the purpose of their reads; each purpose reads one chunk at a time.</summary>
    private readonly ILogReader?[] _logReaders = new ILogReader?[Enum.GetValues<IngestReading>().Length];
    private readonly long[] _readMs = new long[Enum.GetValues<IngestReading>().Length];
    private LogRange _range;
    private IActorRef? _finishAsker;
    private long _tickMs;
    private int _ticks;
    private int _finishAttempts;
    private bool _isRunning;
    private bool _isSaving;
    private bool _isPaused;
    private bool _isRangeAsked;
    private long? _leavingSinceMs;
    private long _lastSavedMs;
    private int _unsavedCountMin = int.MaxValue;
    private string? _fault;

    private IngestActor(IngestServices services, int partition)
    {
        _services = services;
        _partition = partition;
        _machine = new IngestMachine(services.Log.Shape.Epoch, partition, services.Options);
        _status = services.Statuses.Of(partition);
        _started = services.Time.GetTimestamp();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private long NowMs => (long)_services.Time.GetElapsedTime(_started).TotalMilliseconds;

    /// <summary>Returns the Props of a partition's actor under its supervisor.</summary>
    public static Props PropsFor(IngestServices services, int partition) => BackoffSupervisor.Props(
        Backoff.OnFailure(
            Props.CreateBy(new Producer(services, partition)).WithMailbox(LinkedMailbox.Path),
            "ingest",
            minBackoff: TimeSpan.FromMilliseconds(200),
            maxBackoff: TimeSpan.FromSeconds(10),
            randomFactor: 0.2,
            maxNrOfRetries: -1)
            .WithFinalStopMessage(message => message is EntityStop)); // it also ends the supervisor while it waits to start the actor again

    /// <summary>Called by Akka when the actor stops or restarts.</summary>
    public void Dispose() => _stop.Dispose();

    protected override void PreStart()
    {
        if (_services.IsPaused)
        {
            Context.Stop(Self);
            return;
        }

        _status.Actor = Self;
        _status.IsHere = true;
        Timers.StartPeriodicTimer("tick", IngestEvents.Tick.Instance, TickEvery);
        StartAsync(_stop.Token).PipeTo(Self, failure: cause => new IngestEvents.NotStarted(cause));
    }

    protected override void PostStop()
    {
        if (_leavingSinceMs is { } sinceMs)
        {
            LogLeft(_services.Logger, _partition, NowMs - sinceMs, _machine.CheckpointPosition, _machine.Next, _machine.UnsavedCount);
        }

        _stop.Cancel();
        Array.ForEach(_logReaders, reader => reader?.Dispose());
        _isRunning = false;
        _status.Actor = _status.Actor?.Equals(Self) == true ? null : _status.Actor;
        _fault = null; // a new actor may start, for example after a rebuild, and does not have this fault
        ShowStatus();
    }

    protected override bool Receive(object message)
    {
        switch (message)
        {
            case TakeAnswer answer:
                _machine.OnAnswer(answer);
                break;
            case Saved saved:
                _machine.OnSaved(saved);
                break;
            case IngestEvents.ChunkRead read:
                _readMs[(int)read.Read.Reading] = NowMs;
                if (!_isPaused)
                {
                    OnRead(read);
                }

                break;
            case IngestEvents.ChunkNotRead { Cause: NewerRecordException or InvalidDataException } unreadable:
                OnUnreadable(unreadable.Read, unreadable.Cause);
                break;
            case IngestEvents.ChunkNotRead failed:
                _readMs[(int)failed.Read.Reading] = NowMs;
                if (_notRead.TryPass(NowMs, out long unread))
                {
                    LogNotRead(_services.Logger, failed.Cause, _partition, failed.Read.From, unread);
                }

                _machine.OnReadFailed(failed.Read);
                break;
            case IngestEvents.Tick:
                OnTick();
                break;
            case IngestEvents.Started started:
                Start(started);
                break;
            case IngestEvents.NotStarted failed:
                throw new IngestFaultException($"the ingestion of partition {_partition} cannot start", failed.Cause);
            case IngestEvents.RangeRead seen:
                OnRange(seen.Range);
                break;
            case IngestEvents.RangeNotRead:
                _isRangeAsked = false; // not logged, because reads of records fail too, and these failures are logged
                break;
            case IngestEvents.CheckpointSaved { IsConflict: false } saved:
                _isSaving = false;
                _machine.OnCheckpointSaved(saved.Revision);
                FinishIfSaved();
                break;
            case IngestEvents.CheckpointSaved conflict:
                _isSaving = false;
                _machine.OnCheckpointConflict(conflict.Revision);
                break;
            case IngestEvents.CheckpointNotSaved failed:
                _isSaving = false;
                if (_notSaved.TryPass(NowMs, out long unsaved))
                {
                    LogCheckpointNotSaved(_services.Logger, failed.Cause, _partition, unsaved);
                }

                _machine.OnCheckpointFailed(failed.Revision);
                FinishIfSaved();
                break;
            case IngestCommands.GetSent get:
                OnGetSent(get);
                break;
            case IngestCommands.ProbeAgain probe:
                _machine.ProbeAgain(probe.Owner);
                break;
            case IngestCommands.Run:
                break;
            case IngestCommands.StatesReplaced replaced:
                _services.CheckUsers(_partition);
                Sender.Tell(IngestReplies.UsersCheck.Instance, Self);
                if (replaced.IsCheckpointReplaced)
                {
                    Context.Stop(Self);
                    return true;
                }

                break;
            case IngestCommands.Pause:
                _isPaused = true;
                Sender.Tell(IngestReplies.Paused.Instance, Self);
                break;
            case IngestCommands.Finish:
                _isPaused = true;
                _finishAsker = Sender;
                FinishIfSaved();
                break;
            case EntityStop:
                _status.IsHere = false;
                _isPaused = true;
                _leavingSinceMs ??= NowMs;
                break;
            default:
                return false;
        }

        Execute(_machine.Effects);
        AnswerQueries();
        LeaveIfSaved();
        return true;
    }

    private async Task<object> StartAsync(CancellationToken stop)
    {
        SavedState? saved = await _services.Table
            .LoadAsync(IngestCheckpoint.KeyOf(_services.Log.Shape.Epoch, _partition), stop).ConfigureAwait(false);
        LogRange[] ranges = await _services.Log.GetRangesAsync(stop).ConfigureAwait(false);
        return new IngestEvents.Started(saved is { } state ? Decode(state) : null, saved?.Revision ?? 0, ranges[_partition]);
    }

    /// <summary>Reads a checkpoint; null if it is damaged. All records of the log are then sent again, and the users' actors ignore those that they have.</summary>
    private IngestCheckpoint? Decode(SavedState state)
    {
        try
        {
            return IngestCheckpointCodec.Decode(state.State.Span);
        }
        catch (CorruptRecordException e)
        {
            _services.Counters.CountDamagedState();
            LogCheckpointDamaged(_services.Logger, e, _partition);
            return null;
        }
    }

    private void Start(IngestEvents.Started started)
    {
        _range = started.Range;
        _isRunning = true;
        _tickMs = NowMs;
        _lag.OnEnd(started.Range.End, _tickMs);
        _machine.Start(started.Checkpoint, started.Revision, started.Range, _tickMs);
        LogStarted(_services.Logger, _partition, _machine.Next, started.Range.End);
        ShowStatus();
    }

    private void OnRead(IngestEvents.ChunkRead read)
    {
        long nowMs = NowMs;
        if (read.Read.Reading == IngestReading.New && read.Chunk.Entries.Length > 0)
        {
            if (read.Chunk.AppendedMs is { } appendedMs)
            {
                _lag.OnRead(nowMs - Math.Max(0, _services.Time.GetUtcNow().ToUnixTimeMilliseconds() - appendedMs));
            }

            _lag.OnSent(_lag.Unread(_machine.Next, nowMs), _tickMs);
        }

        _machine.OnRead(read.Read, read.Chunk);
    }

    private void OnTick()
    {
        if (!_isRunning)
        {
            return;
        }

        _tickMs = NowMs;
        _machine.Tick(_tickMs);
        CloseIdleReaders();
        if (!_isRangeAsked && _ticks++ % RangeTicks == 0)
        {
            _isRangeAsked = true;
            RangeAsync(_stop.Token).PipeTo(Self, failure: _ => new IngestEvents.RangeNotRead());
        }

        ShowStatus();
    }

    private async Task<object> RangeAsync(CancellationToken stop) =>
        new IngestEvents.RangeRead((await _services.Ranges.GetAsync(stop).ConfigureAwait(false))[_partition]);

    private void OnRange(LogRange range)
    {
        _isRangeAsked = false;
        _range = range;
        _lag.OnEnd(range.End, NowMs);
        _machine.OnRange(range);
    }

    private void Execute(IngestEffects effects)
    {
        if (effects.IsEmpty)
        {
            return;
        }

        if (effects.Stop is { } stop)
        {
            effects.Clear();
            OnStop(stop);
            return;
        }

        if (!_isPaused)
        {
            foreach (Take take in effects.Takes)
            {
                _services.Region.Tell(take, Self);
            }

            foreach (IngestRead read in effects.Reads)
            {
                Read(read);
            }
        }

        if (effects.Save is { } save)
        {
            Save(save);
        }

        effects.Clear();
    }

    private void Read(IngestRead read) =>
        ReadAsync(read, ReaderOf(read), _stop.Token).PipeTo(Self, failure: cause => new IngestEvents.ChunkNotRead(read, cause));

    // A method of its own, because Execute would allocate the lambda's captured variable at each call, also without a save.
    private void Save(IngestSave save)
    {
        _isSaving = true;
        SaveAsync(save, _stop.Token).PipeTo(Self, failure: cause => new IngestEvents.CheckpointNotSaved(save.Revision, cause));
    }

    private void OnStop(IngestStop stop)
    {
        if (stop.Reason == IngestStopReason.AnotherRuns)
        {
            throw new IngestFaultException($"another actor ingests partition {_partition} too: it saved the checkpoint {stop.Offset}");
        }

        // A restart would fail in the same way. The actor stays, so that its status shows the reason until a rebuild.
        _fault = stop.Reason == IngestStopReason.AheadOfLog
            ? $"the saved states contain records up to offset {stop.Offset} of partition {_partition}, but the log ends before it; run `recsys rebuild`"
            : $"the log no longer has offset {stop.Offset} of partition {_partition}, which was not ingested yet; run `recsys rebuild`";
        _isRunning = false;
        LogStopped(_services.Logger, _fault);
        ShowStatus();
    }

    /// <summary>Ends the reading until a restart, because its next read would fail in the same way. The end of the reading of new records is the partition's fault; records that were sent before are still saved.</summary>
    private void OnUnreadable(IngestRead read, Exception cause)
    {
        _machine.OnUnreadable(read);
        if (read.Reading != IngestReading.New)
        {
            LogOldUnreadable(_services.Logger, _partition, read.From, cause.Message);
        }
        else if (_fault is null)
        {
            _fault = cause.Message;
            LogUnreadable(_services.Logger, _partition, _machine.Next, cause.Message);
            ShowStatus();
        }
    }

    private ILogReader ReaderOf(IngestRead read)
    {
        ref ILogReader? reader = ref _logReaders[(int)read.Reading];
        if (reader?.Next != read.From)
        {
            reader?.Dispose();
            reader = _services.Log.OpenReader(_partition, read.From);
        }

        _readMs[(int)read.Reading] = ReadRuns;

        return reader;
    }

    private static async Task<object> ReadAsync(IngestRead read, ILogReader reader, CancellationToken stop)
    {
        if (read.Reading == IngestReading.New)
        {
            await reader.WaitAsync(stop).ConfigureAwait(false);
        }

        return new IngestEvents.ChunkRead(read, await reader.ReadAsync(read.CountMax, stop).ConfigureAwait(false));
    }

    // The reader of new records waits at the end of the log and stays open.
    private void CloseIdleReaders()
    {
        for (int reading = (int)IngestReading.New + 1; reading < _logReaders.Length; reading++)
        {
            if (_logReaders[reading] is { } reader && _tickMs - _readMs[reading] > ReaderIdleMs)
            {
                reader.Dispose();
                _logReaders[reading] = null;
            }
        }
    }

    private async Task<object> SaveAsync(IngestSave save, CancellationToken stop)
    {
        SaveOutcome[] outcomes = await _services.Table.SaveAsync(
            [new SavedState(IngestCheckpoint.KeyOf(_services.Log.Shape.Epoch, _partition), save.Revision, save.State)], stop).ConfigureAwait(false);
        return new IngestEvents.CheckpointSaved(save.Revision, outcomes[0] == SaveOutcome.Conflict);
    }

    private void OnGetSent(IngestCommands.GetSent get)
    {
        if (_isRunning && _machine.TryGetSent(get.Owner, get.Offset, out long sent, out bool isKnown))
        {
            Sender.Tell(new IngestReplies.Sent(sent, isKnown), Self);
        }
        else if (_queries.Count < QueriesMax)
        {
            _queries.Enqueue((get.Owner, get.Offset, Sender), get.Offset);
        }
    }

    private void AnswerQueries()
    {
        while (_queries.TryPeek(out (Owner Owner, long Offset, IActorRef Asker) query, out _)
            && _isRunning
            && _machine.TryGetSent(query.Owner, query.Offset, out long sent, out bool isKnown))
        {
            _queries.Dequeue();
            query.Asker.Tell(new IngestReplies.Sent(sent, isKnown), Self);
        }
    }

    private void FinishIfSaved()
    {
        if (_finishAsker is null || _isSaving)
        {
            return;
        }

        if (_isRunning && ++_finishAttempts <= FinishAttemptsMax)
        {
            // Parks the users that are not saved, and saves the checkpoint without waiting for them.
            _machine.ParkUnsaved();
            _machine.Tick(NowMs + (_finishAttempts * ((long)_services.Options.CheckpointEvery.TotalMilliseconds + 1)));
        }

        if (_machine.Effects.Save is null)
        {
            _isRunning = false;
            ShowStatus();
            _finishAsker.Tell(IngestReplies.Finished.Instance, Self);
            _finishAsker = null;
            Context.Stop(Self);
        }
    }

    /// <summary>If the partition moves to another node, saves the last checkpoint when the wait for users is over, and stops. After twice <see cref="LeaveMs"/> it stops without that checkpoint.</summary>
    private void LeaveIfSaved()
    {
        if (_leavingSinceMs is not { } sinceMs)
        {
            return;
        }

        if (_machine.UnsavedCount < _unsavedCountMin)
        {
            (_unsavedCountMin, _lastSavedMs) = (_machine.UnsavedCount, NowMs);
        }

        if (!_isRunning || NowMs >= sinceMs + (2 * LeaveMs))
        {
            Context.Stop(Self);
        }
        else if (_finishAsker is null && (_machine.UnsavedCount == 0 || NowMs >= sinceMs + LeaveMs || NowMs >= _lastSavedMs + LeaveQuietMs))
        {
            _finishAsker = ActorRefs.Nobody;
            FinishIfSaved();
            Execute(_machine.Effects);
        }
    }

    private void ShowStatus() => _status.Set(new IngestStatus.State(
        _range,
        _machine.Next,
        _machine.CheckpointPosition,
        _isRunning ? _lag.At(_machine.Next, _machine.OldestUnappliedMs, NowMs) : null,
        _machine.UnsavedCount,
        _machine.InFlight,
        _machine.ParkedCount,
        _machine.GapCount,
        _machine.RewindCount,
        _machine.UnansweredCount,
        _machine.ProbeCount,
        _isRunning,
        _machine.IsNearRetention,
        _fault));

    [LoggerMessage(Level = LogLevel.Information, Message = "partition {Partition} left this node after {Ms} ms: checkpoint {Checkpoint}, read up to {Next}, users not saved: {Unsaved}")]
    private static partial void LogLeft(ILogger logger, int partition, long ms, long checkpoint, long next, int unsaved);

    [LoggerMessage(Level = LogLevel.Debug, Message = "partition {Partition} is ingested from offset {Next}; the log ends at {End}")]
    private static partial void LogStarted(ILogger logger, int partition, long next, long end);

    [LoggerMessage(Level = LogLevel.Warning, Message = "partition {Partition} cannot be read at offset {From}; the read is retried ({LeftOut} more failures since the last logged one)")]
    private static partial void LogNotRead(ILogger logger, Exception cause, int partition, long from, long leftOut);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the checkpoint of partition {Partition} was not saved; the save is retried ({LeftOut} more failures since the last logged one)")]
    private static partial void LogCheckpointNotSaved(ILogger logger, Exception cause, int partition, long leftOut);

    [LoggerMessage(Level = LogLevel.Critical, Message = "ingestion stops: {Reason}")]
    private static partial void LogStopped(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "the saved checkpoint of partition {Partition} is damaged: the partition is read from its start")]
    private static partial void LogCheckpointDamaged(ILogger logger, Exception cause, int partition);

    [LoggerMessage(Level = LogLevel.Critical, Message = "ingestion of partition {Partition} stops at offset {Next}: {Reason}")]
    private static partial void LogUnreadable(ILogger logger, int partition, long next, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "old records of partition {Partition} cannot be read again from offset {From} on, so users that miss some of them stay incomplete until a restart of the ingestion; new records are ingested: {Reason}")]
    private static partial void LogOldUnreadable(ILogger logger, int partition, long from, string reason);

    private sealed class Producer(IngestServices services, int partition) : IIndirectActorProducer
    {
        private int _made;

        public Type ActorType => typeof(IngestActor);

        public ActorBase Produce()
        {
            if (Interlocked.Increment(ref _made) > 1)
            {
                services.Counters.CountIngestRestart();
            }

            return new IngestActor(services, partition);
        }

        public void Release(ActorBase actor)
        {
        }
    }
}
