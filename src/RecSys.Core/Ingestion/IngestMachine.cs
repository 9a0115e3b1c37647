using RecSys.Core.Log;

namespace RecSys.Core.Ingestion;

/// <summary>The log's side of the ingestion protocol, for one partition: reads on, tells users' actors their records, and knows how far everything is saved.</summary>
/// <remarks>
/// Told everything and asks nothing: no clock, no I/O, no chance. What it wants done stands in <see cref="Effects"/> after each call, to be
/// carried out and cleared before the next. It never loses a record: in memory it remembers what was sent and is not known to be saved, and the
/// saved checkpoint is the oldest such record. Not safe for concurrent use: its actor is its lock.
/// </remarks>
public sealed partial class IngestMachine
{
    private readonly IngestOptions _options;
    private readonly int _epoch;
    private readonly int _partition;
    private readonly long _answerMs;
    private readonly long _lateSaveMs;
    private readonly IngestEntries _entries = new();
    private readonly SentTakes _sent = new();
    private readonly Rewind _rewind = new(IngestReading.Rewind);
    private readonly Rewind _parkedRewind = new(IngestReading.Parked);
    private readonly List<int> _parked = [];
    private long _forgottenBase;
    private long _nowMs;
    private bool _isStopped = true;

    /// <summary>A machine for one partition; before <see cref="Start"/> it does nothing.</summary>
    /// <exception cref="ArgumentException">The options are out of their ranges.</exception>
    public IngestMachine(int epoch, int partition, IngestOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(partition);
        if (options.Problem() is { } problem)
        {
            throw new ArgumentException(problem, nameof(options));
        }

        _epoch = epoch;
        _partition = partition;
        _options = options;
        _answerMs = (long)options.AnswerTime.TotalMilliseconds;
        _lateSaveMs = (long)(2 * options.SaveTime).TotalMilliseconds;
    }

    /// <summary>What is to be done now.</summary>
    public IngestEffects Effects { get; } = new();

    /// <summary>The offset that is read next.</summary>
    public long Next { get; private set; }

    /// <summary>The saved checkpoint: nothing before it is read again after a restart, but for the users set aside.</summary>
    public long CheckpointPosition { get; private set; }

    /// <summary>The users with something unsaved.</summary>
    public int DirtyCount { get; private set; }

    /// <summary>The users remembered.</summary>
    public int EntryCount => _entries.Count;

    /// <summary>The records that are sent and neither answered nor given up.</summary>
    public int InFlight { get; private set; }

    /// <summary>The users set aside because their saves keep failing: an alarm where it is above zero.</summary>
    public int ParkedCount => _parked.Count;

    /// <summary>How many answers said that something was missing.</summary>
    public long GapCount { get; private set; }

    /// <summary>How often the log was read again for users who missed something.</summary>
    public long RewindCount { get; private set; }

    /// <summary>How many Takes were given up without an answer.</summary>
    public long UnansweredCount { get; private set; }

    /// <summary>How many probes were sent.</summary>
    public long ProbeCount { get; private set; }

    /// <summary>How many users were forgotten before their time, since there was no room for more.</summary>
    public long ForgottenEarlyCount { get; private set; }

    /// <summary>Begins from a saved checkpoint.</summary>
    /// <param name="checkpoint">What was loaded, or null: begin where the log begins.</param>
    /// <param name="revision">The revision that it was saved at; 0 if it never was.</param>
    /// <param name="range">What the partition holds.</param>
    /// <param name="nowMs">The time, in milliseconds since any fixed moment.</param>
    /// <exception cref="ArgumentException">The checkpoint is another partition's.</exception>
    public void Start(IngestCheckpoint? checkpoint, long revision, LogRange range, long nowMs)
    {
        _isStopped = false;
        _nowMs = nowMs;
        _revision = revision;
        Next = checkpoint?.Position ?? range.Start;
        CheckpointPosition = Next;
        _forgottenBase = Next;
        if (checkpoint is not null)
        {
            if (checkpoint.Epoch != _epoch || checkpoint.Partition != _partition)
            {
                throw new ArgumentException(
                    $"a checkpoint of partition {checkpoint.Partition} in epoch {checkpoint.Epoch} is no start for partition {_partition} in epoch {_epoch}",
                    nameof(checkpoint));
            }

            foreach (ParkedUser user in checkpoint.Parked)
            {
                StartParked(user);
            }
        }

        _parkedRetryMs = nowMs + (long)_options.ParkedRetryEvery.TotalMilliseconds;
        if (Next > range.End)
        {
            Stop(IngestStopReason.AheadOfLog, Next);
            return;
        }

        OnRange(range);
        RequestReads();
    }

    /// <summary>Time has passed: to be told several times within <see cref="IngestOptions.RewindEvery"/> and <see cref="IngestOptions.AnswerTime"/>.</summary>
    /// <param name="nowMs">The time, in milliseconds since the moment that <see cref="Start"/> was told from; going back is ignored.</param>
    public void Tick(long nowMs)
    {
        if (_isStopped)
        {
            return;
        }

        _nowMs = long.Max(_nowMs, nowMs);
        _mayRead = true;
        GiveUpTakes();
        CheckSaves();
        RetryParked();
        ForgetClean();
        BeginRewind(_rewind);
        BeginRewind(_parkedRewind);
        SaveCheckpoint();
        RequestReads();
    }

    /// <summary>The log was looked at: to be told now and then, for a log that forgets what is old.</summary>
    public void OnRange(LogRange range)
    {
        if (_isStopped)
        {
            return;
        }

        long oldest = OldestNeeded();
        IsNearRetention = range.Start > 0 && oldest - range.Start < (range.End - range.Start) / 2;
        if (oldest < range.Start)
        {
            Stop(IngestStopReason.BehindRetention, oldest);
        }
    }

    /// <summary>Whether the oldest record that is still needed is within the older half of what the log holds: an alarm.</summary>
    public bool IsNearRetention { get; private set; }

    /// <summary>Whether everything up to an end is saved and the checkpoint says so: what a new epoch waits for.</summary>
    /// <param name="end">The offset after the partition's last record.</param>
    public bool IsDrained(long end) => Next >= end && DirtyCount == 0 && CheckpointPosition >= end;

    /// <summary>For a reader who wants to see a record: has it been read, and what must its user's actor have then?</summary>
    /// <param name="owner">Whose record.</param>
    /// <param name="offset">The record's offset.</param>
    /// <param name="sent">The newest record told, or about to be told, to the user's actor; −1: nothing that is not saved.</param>
    /// <param name="isKnown">Whether that is all that the actor must have; if not, it has to check what is saved.</param>
    /// <returns>False if the record has not been read yet: ask again after the next chunk.</returns>
    public bool TryGetSent(Owner owner, long offset, out long sent, out bool isKnown)
    {
        int index = _entries.Find(owner);
        sent = index < 0 ? -1 : _entries[index].After;
        isKnown = index >= 0 && KnownAfter(_entries[index]) >= 0;
        return Next > offset;
    }

    /// <summary>A reader found that a user's actor has less than <see cref="TryGetSent"/> said: asks it at once, unless an answer is awaited anyway.</summary>
    public void Remind(Owner owner)
    {
        int index = _isStopped ? -1 : _entries.Find(owner);
        if (index >= 0 && _entries[index].Flow == IngestFlow.Open && !_sent.IsAwaited(_entries[index].Ticket))
        {
            Probe(index);
        }
    }

    private void Stop(IngestStopReason reason, long offset)
    {
        _isStopped = true;
        Effects.Clear();
        Effects.Stop = new IngestStop(reason, offset);
    }

    private readonly record struct Timer(int Index, long DueMs);
}
