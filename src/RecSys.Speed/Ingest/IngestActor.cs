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

/// <summary>Sends the records of one partition to the users' actors; <see cref="IngestMachine"/> decides, this actor carries out.</summary>
/// <remarks>
/// An entity of the region of users, in one of its partition's shards, so that it is on the same node as the partition's users. Kept alive like
/// Akka's sharded daemon process, but addressable, because reads with a position query it. After a fault its supervisor restarts it from the saved checkpoint, with a delay that grows with each
/// fault.
/// </remarks>
internal sealed partial class IngestActor : ActorBase, IWithTimers, IDisposable
{
    private static readonly TimeSpan TickEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>Ticks between two reads of the log's range.</summary>
    private const int RangeTicks = 3;

    /// <summary>Time between two attempts to save the last checkpoint.</summary>
    private const int FinishTicksMax = 3;

    /// <summary>The longest time for which an actor that leaves waits until the users, which leave too, have saved: its successor then reads no records that they have.</summary>
    private const long LeaveMs = 2_000;

    /// <summary>Time without a saved user after which an actor that leaves waits no longer: the others cannot save, and their records are read again.</summary>
    private const long LeaveQuietMs = 500;

    /// <summary>Time after which the unused reader of old records is closed.</summary>
    private const long ReaderIdleMs = 10_000;

    /// <summary>The time of the last read of a reader that is reading.</summary>
    private const long NeverIdle = long.MaxValue;

    /// <summary>The most readers that may wait for a record to be read.</summary>
    private const int ReadersMax = 10_000;

    private readonly IngestServices _services;
    private readonly int _partition;
    private readonly IngestMachine _machine;
    private readonly IngestStatus _status;
    private readonly IngestLag _lag = new();
    private readonly LogLimiter _notRead = new();
    private readonly LogLimiter _notSaved = new();
    private readonly PriorityQueue<(Owner Owner, long Offset, IActorRef Asker), long> _readers = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly long _started;

    /// <summary>The open readers, by <see cref="IngestReading"/>: each purpose reads one chunk at a time.</summary>
    private readonly ILogReader?[] _logReaders = new ILogReader?[Enum.GetValues<IngestReading>().Length];
    private readonly long[] _readMs = new long[Enum.GetValues<IngestReading>().Length];
    private LogRange _range;
    private IActorRef? _finisher;
    private long _tickMs;
    private int _ticks;
    private int _finishTicks;
    private bool _isRunning;
    private bool _isSaving;
    private bool _isPaused;
    private bool _isRangeAsked;
    private long? _leavingSinceMs;
    private long _lastSavedMs;
    private int _unsavedLeft = int.MaxValue;
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
            .WithFinalStopMessage(message => message is EntityStop)); // also between two attempts, when no actor gets the message

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
        _fault = null; // a fault ends with its actor; after a rebuild a new actor starts
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
                OnUnreadable(unreadable.Cause);
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
                throw new IngestFaultException($"partition {_partition} cannot begin", failed.Cause);
            case IngestEvents.RangeRead seen:
                OnRange(seen.Range);
                break;
            case IngestEvents.RangeNotRead:
                _isRangeAsked = false; // the read of records fails too and is logged
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
                _finisher = Sender;
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

        Do(_machine.Effects);
        AnswerReaders();
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

    /// <summary>Reads a checkpoint; null if it is damaged: all records are then sent again from the log's start, and actors ignore those that they have.</summary>
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
            RangeAsync(_stop.Token).PipeTo(Self, failure: cause => new IngestEvents.RangeNotRead(cause));
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

    private void Do(IngestEffects effects)
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
                ReadAsync(read, ReaderOf(read), _stop.Token).PipeTo(Self, failure: cause => new IngestEvents.ChunkNotRead(read, cause));
            }
        }

        if (effects.Save is { } save)
        {
            _isSaving = true;
            SaveAsync(save, _stop.Token).PipeTo(Self, failure: cause => new IngestEvents.CheckpointNotSaved(save.Revision, cause));
        }

        effects.Clear();
    }

    private void OnStop(IngestStop stop)
    {
        if (stop.Reason == IngestStopReason.AnotherRuns)
        {
            throw new IngestFaultException($"partition {_partition} is ingested by another actor too: it saved the checkpoint {stop.Offset}");
        }

        // A restart would fail in the same way: the actor stays, and its status shows the reason, until a rebuild.
        _fault = stop.Reason == IngestStopReason.AheadOfLog
            ? $"the log ends before offset {stop.Offset} of partition {_partition}, up to which states are saved; run `recsys rebuild`"
            : $"the log no longer has offset {stop.Offset} of partition {_partition}, which was not ingested yet; run `recsys rebuild`";
        _isRunning = false;
        LogStopped(_services.Logger, _fault);
        ShowStatus();
    }

    /// <summary>Stops reading new records until a restart, because a further read would fail in the same way; records in flight are still saved.</summary>
    private void OnUnreadable(Exception cause)
    {
        if (_fault is null)
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

        _readMs[(int)read.Reading] = NeverIdle;

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
        else if (_readers.Count < ReadersMax)
        {
            _readers.Enqueue((get.Owner, get.Offset, Sender), get.Offset);
        }
    }

    private void AnswerReaders()
    {
        while (_readers.TryPeek(out (Owner Owner, long Offset, IActorRef Asker) reader, out _)
            && _isRunning
            && _machine.TryGetSent(reader.Owner, reader.Offset, out long sent, out bool isKnown))
        {
            _readers.Dequeue();
            reader.Asker.Tell(new IngestReplies.Sent(sent, isKnown), Self);
        }
    }

    private void FinishIfSaved()
    {
        if (_finisher is null || _isSaving)
        {
            return;
        }

        if (_isRunning && ++_finishTicks <= FinishTicksMax)
        {
            // The checkpoint is due now, so that it includes the users saved last. The others do not hold it back.
            _machine.ParkUnsaved();
            _machine.Tick(NowMs + (_finishTicks * ((long)_services.Options.CheckpointEvery.TotalMilliseconds + 1)));
        }

        if (_machine.Effects.Save is null)
        {
            _isRunning = false;
            ShowStatus();
            _finisher.Tell(IngestReplies.Finished.Instance, Self);
            _finisher = null;
            Context.Stop(Self);
        }
    }

    /// <summary>Stops once the users of the partition are saved, or can be saved no more, and the checkpoint includes that, or its time is over.</summary>
    private void LeaveIfSaved()
    {
        if (_leavingSinceMs is not { } sinceMs)
        {
            return;
        }

        if (_machine.UnsavedCount < _unsavedLeft)
        {
            (_unsavedLeft, _lastSavedMs) = (_machine.UnsavedCount, NowMs);
        }

        if (!_isRunning || NowMs >= sinceMs + (2 * LeaveMs))
        {
            Context.Stop(Self);
        }
        else if (_finisher is null && (_machine.UnsavedCount == 0 || NowMs >= sinceMs + LeaveMs || NowMs >= _lastSavedMs + LeaveQuietMs))
        {
            _finisher = ActorRefs.Nobody;
            FinishIfSaved();
            Do(_machine.Effects);
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "partition {Partition} cannot be read at offset {From}; it is retried ({LeftOut} more failures since the last logged one)")]
    private static partial void LogNotRead(ILogger logger, Exception cause, int partition, long from, long leftOut);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the checkpoint of partition {Partition} was not saved; it is retried ({LeftOut} more failures since the last logged one)")]
    private static partial void LogCheckpointNotSaved(ILogger logger, Exception cause, int partition, long leftOut);

    [LoggerMessage(Level = LogLevel.Critical, Message = "ingestion stops: {Reason}")]
    private static partial void LogStopped(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "the saved checkpoint of partition {Partition} is damaged: the partition is read from its start")]
    private static partial void LogCheckpointDamaged(ILogger logger, Exception cause, int partition);

    [LoggerMessage(Level = LogLevel.Critical, Message = "ingestion of partition {Partition} stops at offset {Next}: {Reason}")]
    private static partial void LogUnreadable(ILogger logger, int partition, long next, string reason);

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
