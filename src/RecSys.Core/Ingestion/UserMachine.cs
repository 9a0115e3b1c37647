using System.Diagnostics;
using RecSys.Core.Log;
using RecSys.Core.Users;

namespace RecSys.Core.Ingestion;

/// <summary>The user's side of the ingestion protocol: applies records so that each takes effect exactly once, and decides when the actor saves and when it stops.</summary>
/// <remarks>
/// Deterministic: it uses no clock, no I/O and no random numbers. After <see cref="UserEffects.Stop"/> all calls are ignored.
/// Not safe for concurrent use: one actor owns it. Instances are small, because a node has hundreds of thousands of them.
/// </remarks>
public sealed class UserMachine
{
    // For each partition p, with Has = Profile.OffsetOf(p) and Saving = _saving.OffsetOf(p):
    // invariant: -1 <= SavedOf(p) <= Saving <= Has (without a save under way: SavedOf(p) <= Has)
    // invariant: _isAwaitingOutcome implies _saving is not null
    // Almost every user has records in one partition: its offset is a field, the offsets of further ones are in an array.
    private PartitionOffset _saved;
    private PartitionOffset[]? _savedRest;
    private UserProfile? _saving;
    private long _revision;
    private bool _isUnsaved;
    private bool _isAwaitingOutcome;
    private bool _pacerKnows;
    private bool _isStopping;

    /// <summary>Creates a machine from the loaded profile.</summary>
    /// <param name="profile">The saved profile, or <see cref="UserProfile.Empty"/>.</param>
    /// <param name="revision">Revision of the saved profile; 0 if none is saved.</param>
    /// <param name="isToBeSaved">Whether the saved bytes are replaced even without a new record, because an earlier version wrote them.</param>
    public UserMachine(UserProfile profile, long revision, bool isToBeSaved = false)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentOutOfRangeException.ThrowIfNegative(revision);
        Profile = profile;
        _revision = revision;
        _isUnsaved = isToBeSaved;
        _saved = PartitionOffset.None;
        if (revision > 0)
        {
            LogPosition position = profile.Position;
            for (int partition = 0; partition < position.PartitionCount; partition++)
            {
                if (position[partition] >= 0)
                {
                    Track(position.Epoch, partition) = position[partition];
                }
            }
        }
    }

    /// <summary>Creates a machine from a profile that was rebuilt from the log because the saved one is damaged.</summary>
    /// <param name="profile">The fold of all of the user's records in the log.</param>
    /// <param name="revision">The revision of the damaged state, which the next save replaces.</param>
    /// <param name="effects">Receives the work to carry out immediately.</param>
    /// <remarks>The log gives at least the records of the damaged state, which was made from it. The profile is unsaved until the next save.</remarks>
    public static UserMachine Healed(UserProfile profile, long revision, out UserEffects effects)
    {
        UserMachine machine = new(profile, revision) { _isUnsaved = true, _saved = PartitionOffset.None, _savedRest = null };
        LogPosition position = profile.Position;
        for (int partition = 0; partition < position.PartitionCount; partition++)
        {
            if (position[partition] >= 0)
            {
                machine.Track(position.Epoch, partition);
            }
        }

        effects = machine.TellUnsavedOnce();
        return machine;
    }

    /// <summary>Gets the profile with all records that were applied, saved or not.</summary>
    public UserProfile Profile { get; private set; }

    /// <summary>Gets the revision of the newest save known to be durable.</summary>
    public long Revision => _revision;

    /// <summary>Gets whether the profile contains a record that is not known to be saved.</summary>
    public bool IsUnsaved => _isUnsaved || _saving is not null;

    /// <summary>Gets whether a save is under way.</summary>
    public bool IsAwaitingOutcome => _isAwaitingOutcome;

    /// <summary>Gets whether <see cref="UserEffects.Stop"/> was returned.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Gets the profile to save; unchanged until its save succeeds, so that a retry writes the same bytes.</summary>
    public UserProfile? Saving => _saving;

    /// <summary>Gets the revision to save <see cref="Saving"/> at.</summary>
    public long SavingRevision => _revision + 1;

    /// <summary>Applies the records of <paramref name="take"/> that are newer than the profile.</summary>
    /// <param name="take">Records of one partition.</param>
    /// <param name="isOlderThanLoad">Whether the message was sent before the state was loaded or its revision checked.</param>
    /// <param name="answer">The answer to send; null after a stop, and if <see cref="UserEffects.Check"/> is returned.</param>
    public UserEffects On(Take take, bool isOlderThanLoad, out TakeAnswer? answer)
    {
        ArgumentNullException.ThrowIfNull(take);
        if (IsStopped)
        {
            answer = null;
            return UserEffects.None;
        }

        long has = Profile.OffsetOf(take.Epoch, take.Partition);
        long saved = SavedOf(take.Epoch, take.Partition);
        if (has < take.Base)
        {
            // Another incarnation has saved more: this actor is stale. Its successor loads the newer state.
            answer = new Gap(take.Owner, take.Epoch, take.Partition, take.Ticket, has, saved);
            return Stopped();
        }

        if (has < take.After)
        {
            answer = new Gap(take.Owner, take.Epoch, take.Partition, take.Ticket, has, saved);
            return UserEffects.None;
        }

        if (has < take.Last && take.After < 0 && !isOlderThanLoad)
        {
            // The sender does not know the saved offset, and an incarnation on another node may have saved more.
            answer = null;
            return UserEffects.Check;
        }

        ReadOnlySpan<LogEntry> understood = Understood(take.Records.Span);
        if (!understood.IsEmpty && has < understood[^1].Offset)
        {
            Profile = Profile.Apply(take.Epoch, take.Partition, understood);
            has = Profile.OffsetOf(take.Epoch, take.Partition);
            Track(take.Epoch, take.Partition);
            _isUnsaved = true;
        }

        // A record that only a newer program can read was sent by an ingest actor on a newer node: it is sent again until this node is upgraded.
        answer = has < take.Last
            ? new Gap(take.Owner, take.Epoch, take.Partition, take.Ticket, has, saved)
            : new Taken(take.Owner, take.Epoch, take.Partition, take.Ticket, has, saved);
        return TellUnsavedOnce();
    }

    /// <summary>Handles the stored revision that <see cref="UserEffects.Check"/> asked for.</summary>
    /// <param name="revision">The stored revision; 0 if there is no row.</param>
    public UserEffects OnChecked(long revision) =>
        IsStopped || revision <= _revision ? UserEffects.None : Stopped(); // this includes a revision that this actor wrote with an unknown outcome

    /// <summary>Handles the pacer's signal to save.</summary>
    public UserEffects SaveNow()
    {
        _pacerKnows = false;
        return IsStopped || _isAwaitingOutcome || !IsUnsaved ? UserEffects.None : BeginSave();
    }

    /// <summary>Handles idleness, hand-off or shutdown: saves unsaved records, then stops, whether the save succeeds or not.</summary>
    public UserEffects Stop()
    {
        _isStopping = true;
        return IsStopped || _isAwaitingOutcome ? UserEffects.None
            : IsUnsaved ? BeginSave()
            : Stopped();
    }

    /// <summary>Handles a save that is durable; may be reported late, even after <see cref="OnSaveFailed"/>.</summary>
    /// <param name="revision">The revision that was saved.</param>
    public UserEffects OnSaved(long revision)
    {
        if (IsStopped || _saving is null || revision != SavingRevision)
        {
            return UserEffects.None;
        }

        _revision = revision;
        _saved.Offset = _saving.OffsetOf(_saved.Epoch, _saved.Partition);
        for (int i = 0; i < _savedRest?.Length; i++)
        {
            _savedRest[i].Offset = _saving.OffsetOf(_savedRest[i].Epoch, _savedRest[i].Partition);
        }

        _saving = null;
        _isAwaitingOutcome = false;
        AssertInvariant();
        return UserEffects.TellSaved
            | (!_isStopping ? TellUnsavedOnce() : _isUnsaved ? BeginSave() : Stopped());
    }

    /// <summary>Handles a save that conflicts with a newer revision: this actor is stale. Its successor loads the newer state.</summary>
    /// <param name="revision">The revision that was to be saved.</param>
    public UserEffects OnConflict(long revision) =>
        IsStopped || _saving is null || revision != SavingRevision ? UserEffects.None : Stopped();

    /// <summary>Handles a save that failed or whose outcome is unknown; it is retried at the pacer's next signal.</summary>
    /// <param name="revision">The revision that was to be saved.</param>
    public UserEffects OnSaveFailed(long revision)
    {
        if (IsStopped || !_isAwaitingOutcome || revision != SavingRevision)
        {
            return UserEffects.None;
        }

        _isAwaitingOutcome = false;
        return _isStopping ? Stopped() : TellUnsavedOnce();
    }

    /// <summary>Returns the newest saved offset of a partition; −1 if none.</summary>
    public long SavedOf(int epoch, int partition)
    {
        if (_saved.Is(epoch, partition))
        {
            return _saved.Offset;
        }

        for (int i = 0; i < _savedRest?.Length; i++)
        {
            if (_savedRest[i].Is(epoch, partition))
            {
                return _savedRest[i].Offset;
            }
        }

        return -1;
    }

    /// <summary>Adds one <see cref="Saved"/> for each partition with a saved offset.</summary>
    public void CollectSaved(Owner owner, ICollection<Saved> into)
    {
        ArgumentNullException.ThrowIfNull(into);
        if (_saved.Offset >= 0)
        {
            into.Add(new Saved(owner, _saved.Epoch, _saved.Partition, _saved.Offset));
        }

        for (int i = 0; i < _savedRest?.Length; i++)
        {
            if (_savedRest[i].Offset >= 0)
            {
                into.Add(new Saved(owner, _savedRest[i].Epoch, _savedRest[i].Partition, _savedRest[i].Offset));
            }
        }
    }

    private static ReadOnlySpan<LogEntry> Understood(ReadOnlySpan<LogEntry> records)
    {
        for (int i = 0; i < records.Length; i++)
        {
            if (LogRecordCodec.ReadabilityOf(records[i].Bytes.Span) == RecordReadability.NeedsNewerVersion)
            {
                return records[..i];
            }
        }

        return records;
    }

    private UserEffects TellUnsavedOnce()
    {
        if (_pacerKnows || _isAwaitingOutcome || !IsUnsaved)
        {
            return UserEffects.None;
        }

        _pacerKnows = true;
        return UserEffects.TellUnsaved;
    }

    private UserEffects BeginSave()
    {
        if (_saving is null)
        {
            _saving = Profile;
            _isUnsaved = false;
        }

        _isAwaitingOutcome = true;
        AssertInvariant();
        return UserEffects.Save;
    }

    [Conditional("DEBUG")]
    private void AssertInvariant()
    {
        UserProfile saving = _saving ?? Profile;
        Debug.Assert(!_isAwaitingOutcome || _saving is not null, "a save without a profile is under way");
        Debug.Assert(
            _saved.Offset < 0
                || (_saved.Offset <= saving.OffsetOf(_saved.Epoch, _saved.Partition)
                    && saving.OffsetOf(_saved.Epoch, _saved.Partition) <= Profile.OffsetOf(_saved.Epoch, _saved.Partition)),
            "the saved offset is ahead of the profile");
    }

    private UserEffects Stopped()
    {
        IsStopped = true;
        return UserEffects.Stop;
    }

    /// <summary>Returns the saved offset of a partition, −1 at first. A newer epoch replaces older epochs, which are drained.</summary>
    private ref long Track(int epoch, int partition)
    {
        if (_saved.Is(epoch, partition))
        {
            return ref _saved.Offset;
        }

        if (epoch > _saved.Epoch)
        {
            _saved = new PartitionOffset { Epoch = epoch, Partition = partition, Offset = -1 };
            _savedRest = null;
            return ref _saved.Offset;
        }

        int count = _savedRest?.Length ?? 0;
        for (int i = 0; i < count; i++)
        {
            if (_savedRest![i].Is(epoch, partition))
            {
                return ref _savedRest[i].Offset;
            }
        }

        Array.Resize(ref _savedRest, count + 1);
        _savedRest[count] = new PartitionOffset { Epoch = epoch, Partition = partition, Offset = -1 };
        return ref _savedRest[count].Offset;
    }

    private struct PartitionOffset
    {
        public static readonly PartitionOffset None = new() { Epoch = -1, Partition = -1, Offset = -1 };

        public int Epoch;
        public int Partition;
        public long Offset;

        public readonly bool Is(int epoch, int partition) => Partition == partition && Epoch == epoch;
    }
}
