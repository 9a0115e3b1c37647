using RecSys.Core.Log;

namespace RecSys.Core.Ingestion;

/// <summary>The log's side of the ingestion protocol for one partition: decides what to read from the log and to send to users' actors, and tracks which records are saved.</summary>
/// <remarks>
/// Deterministic: it uses no clock, no I/O and no random numbers. After each call the caller carries out and clears <see cref="Effects"/>.
/// It loses no record: it keeps the offset of each user's first unsaved record, and the saved checkpoint is never after the smallest of them. For parked users, the checkpoint contains these offsets instead.
/// Not safe for concurrent use: one actor owns it.
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

    // The users whose actors did not answer a Take in time, or reported a gap. A user is removed once its actor has the newest offset sent by then, or all its records are saved.
    // invariant: each index is that of an unsaved entry
    private readonly Dictionary<int, Behind> _behind = [];

    // invariant: CheckpointPosition <= CheckpointNow() <= Next
    // invariant: Base of each forgotten entry <= _forgottenBase
    private long _forgottenBase;
    private long _nowMs;
    private bool _isStopped = true;

    /// <summary>Creates a machine for one partition; calls before <see cref="Start"/> are ignored.</summary>
    /// <exception cref="ArgumentException">A number is negative, or the options are out of their ranges.</exception>
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

    /// <summary>Gets the work that the caller has to carry out now.</summary>
    public IngestEffects Effects { get; } = new();

    /// <summary>Gets the offset from which new records are read next.</summary>
    public long Next { get; private set; }

    /// <summary>Gets the offset of the saved checkpoint. After a restart, reading continues there; earlier records are read again for parked users only.</summary>
    public long CheckpointPosition { get; private set; }

    /// <summary>Gets the number of users with an unsaved record.</summary>
    public int UnsavedCount { get; private set; }

    /// <summary>Gets the number of users in memory.</summary>
    public int EntryCount => _entries.Count;

    /// <summary>Gets the number of records that were sent and are neither answered nor timed out.</summary>
    public int InFlight { get; private set; }

    /// <summary>Gets the number of parked users: their saves keep failing, or the partition moved before they were saved. Alert if it stays above zero.</summary>
    public int ParkedCount => _parked.Count;

    /// <summary>Gets the number of answers that reported missing records.</summary>
    public long GapCount { get; private set; }

    /// <summary>Gets the number of rewinds: readings of old records for users whose actors missed some.</summary>
    public long RewindCount { get; private set; }

    /// <summary>Gets the number of Takes that timed out without an answer.</summary>
    public long UnansweredCount { get; private set; }

    /// <summary>Gets the number of probes sent.</summary>
    public long ProbeCount { get; private set; }

    /// <summary>Gets the number of users that were forgotten early to make room for others.</summary>
    public long ForgottenEarlyCount { get; private set; }

    /// <summary>Gets the time of the oldest Take that its user's actor is not known to have applied, in milliseconds as for <see cref="Start"/>; null if there is none.</summary>
    public long? OldestUnappliedMs
    {
        get
        {
            long oldest = _sent.OldestAwaitedMs;
            foreach (Behind behind in _behind.Values)
            {
                oldest = long.Min(oldest, behind.SinceMs);
            }

            return oldest == long.MaxValue ? null : oldest;
        }
    }

    /// <summary>Starts from a saved checkpoint.</summary>
    /// <param name="checkpoint">The saved checkpoint; null starts at the beginning of the log.</param>
    /// <param name="revision">Revision of the saved checkpoint; 0 if none is saved.</param>
    /// <param name="range">Offsets that the partition contains.</param>
    /// <param name="nowMs">The current time, in milliseconds since any fixed moment.</param>
    /// <exception cref="ArgumentException">The checkpoint belongs to another partition or epoch.</exception>
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
                    $"a checkpoint of partition {checkpoint.Partition} in epoch {checkpoint.Epoch} cannot be used for partition {_partition} in epoch {_epoch}",
                    nameof(checkpoint));
            }

            foreach (ParkedUser user in checkpoint.Parked)
            {
                StartParked(user);
            }
        }

        // When a partition starts, its users' actors may still be moving to another node, and the probes may be lost: the first retry does not wait longer than the time for an answer.
        _parkedRetryMs = nowMs + long.Min(_answerMs, (long)_options.ParkedRetryEvery.TotalMilliseconds);
        if (Next > range.End)
        {
            Stop(IngestStopReason.AheadOfLog, Next);
            return;
        }

        OnRange(range);
        RequestReads();
    }

    /// <summary>Handles the passing of time; call it at intervals several times shorter than <see cref="IngestOptions.RewindEvery"/> and <see cref="IngestOptions.AnswerTime"/>.</summary>
    /// <param name="nowMs">The current time, in milliseconds as for <see cref="Start"/>; an earlier time than before is ignored.</param>
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
        ForgetSaved();
        BeginRewind(_rewind);
        BeginRewind(_parkedRewind);
        SaveCheckpoint();
        RequestReads();
    }

    /// <summary>Handles the offsets that the log now contains; call it periodically if the log deletes old records.</summary>
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

    /// <summary>Gets whether the log has deleted old records, and the oldest one that is still needed is in the older half of the log. Alert if so.</summary>
    public bool IsNearRetention { get; private set; }

    /// <summary>Returns whether all records before an end are saved and the checkpoint has reached the end; only then may a new epoch start.</summary>
    /// <param name="end">Offset after the partition's last record.</param>
    public bool IsDrained(long end) => Next >= end && UnsavedCount == 0 && CheckpointPosition >= end;

    /// <summary>Returns whether a record has been read, and the offset that its user's actor must have to reflect it.</summary>
    /// <param name="owner">Owner of the record.</param>
    /// <param name="offset">Offset of the record.</param>
    /// <param name="sent">Newest offset sent to the user's actor, or about to be; −1 if the user is not in memory, because all of its records that were read are saved.</param>
    /// <param name="isKnown">Whether <paramref name="sent"/> is certain; if not, another incarnation of the actor may have saved newer records, and the actor has to check the saved revision.</param>
    /// <returns>False if the record has not been read yet: call again after the next chunk.</returns>
    public bool TryGetSent(Owner owner, long offset, out long sent, out bool isKnown)
    {
        int index = _entries.Find(owner);
        sent = index < 0 ? -1 : _entries[index].After;
        isKnown = index >= 0 && KnownAfter(_entries[index]) >= 0;
        return Next > offset;
    }

    /// <summary>Probes a user's actor that has less than <see cref="TryGetSent"/> returned, even if an answer to a Take is awaited, because that Take may have been lost.</summary>
    /// <remarks>Ignored while the user's records are held back for a rewind or a parked user's answer, and if the newest Take is a probe that was sent less than <see cref="IngestOptions.ProbeAgainEvery"/> ago and is not answered.</remarks>
    public void ProbeAgain(Owner owner)
    {
        int index = _isStopped ? -1 : _entries.Find(owner);
        if (index >= 0 && _entries[index].Flow == IngestFlow.Open && !_sent.IsProbed(_entries[index].Ticket, _nowMs - (long)_options.ProbeAgainEvery.TotalMilliseconds))
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

    /// <summary>A user whose actor is not known to have all records that were sent.</summary>
    /// <param name="Offset">Newest offset that had been sent when the missing answer or the gap was detected.</param>
    /// <param name="SinceMs">Time at which the oldest Take was sent that the actor is not known to have applied, in milliseconds on the machine's clock.</param>
    private readonly record struct Behind(long Offset, long SinceMs);
}
