using RecSys.Core.Log;
using RecSys.Core.Users;

namespace RecSys.Core.Ingestion;

/// <summary>One user's side of the ingestion protocol: takes in records exactly once in effect, and says when to save and to stop.</summary>
/// <remarks>
/// Told everything and asks nothing: no clock, no I/O, no chance. After <see cref="UserEffects.Stop"/> it does nothing more.
/// Not safe for concurrent use: its actor is its lock. Kept lean, since actors are counted in the hundreds of thousands.
/// </remarks>
public sealed class UserMachine
{
    // Almost every user lives in one partition: its position is inline, the rare rest in an array.
    private PartitionOffset _saved;
    private PartitionOffset[]? _savedRest;
    private UserProfile? _saving;
    private long _revision;
    private bool _isUnsaved;
    private bool _isAwaitingOutcome;
    private bool _pacerKnows;
    private bool _isStopping;

    /// <summary>Begins with what was loaded.</summary>
    /// <param name="profile">The saved profile, or <see cref="UserProfile.Empty"/>.</param>
    /// <param name="revision">The revision that it was saved at; 0 if it never was.</param>
    public UserMachine(UserProfile profile, long revision)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentOutOfRangeException.ThrowIfNegative(revision);
        Profile = profile;
        _revision = revision;
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

    /// <summary>What is known of the user now, saved or not.</summary>
    public UserProfile Profile { get; private set; }

    /// <summary>The revision of the newest save known to be durable.</summary>
    public long Revision => _revision;

    /// <summary>Whether something is not known to be saved.</summary>
    public bool IsUnsaved => _isUnsaved || _saving is not null;

    /// <summary>Whether a save was begun and its outcome was not told yet.</summary>
    public bool IsAwaitingOutcome => _isAwaitingOutcome;

    /// <summary>Whether it said <see cref="UserEffects.Stop"/>.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>What is to be saved; the same until it is known to be, so that a save tried again has the same bytes.</summary>
    public UserProfile? Saving => _saving;

    /// <summary>The revision to save <see cref="Saving"/> at.</summary>
    public long SavingRevision => _revision + 1;

    /// <summary>Takes in what it does not have of <paramref name="take"/>.</summary>
    /// <param name="take">The records of one partition.</param>
    /// <param name="isOlderThanLoad">Whether it was sent before the state was loaded, or checked.</param>
    /// <param name="answer">What to answer; null after a stop, and if <see cref="UserEffects.Check"/> comes first.</param>
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
            // Someone else went on from what this actor has, and saved: it is stale, and its successor loads.
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
            // The sender does not know what is saved, and on a node that was given up another actor may have saved more.
            answer = null;
            return UserEffects.Check;
        }

        if (has < take.Last)
        {
            Profile = Profile.Apply(take.Epoch, take.Partition, take.Records.Span);
            has = Profile.OffsetOf(take.Epoch, take.Partition);
            Track(take.Epoch, take.Partition);
            _isUnsaved = true;
        }

        answer = new Taken(take.Owner, take.Epoch, take.Partition, take.Ticket, has, saved);
        return TellUnsavedOnce();
    }

    /// <summary>After <see cref="UserEffects.Check"/>: which revision is stored now.</summary>
    /// <param name="revision">The stored revision; 0: there is no row.</param>
    public UserEffects OnChecked(long revision) =>
        IsStopped || revision <= _revision ? UserEffects.None : Stopped(); // even if it was its own, whose outcome it has not heard

    /// <summary>The pacer says that it is time.</summary>
    public UserEffects SaveNow()
    {
        _pacerKnows = false;
        return IsStopped || _isAwaitingOutcome || !IsUnsaved ? UserEffects.None : BeginSave();
    }

    /// <summary>Idleness, hand-off or shutdown: saves what is unsaved, then stops, saved or not.</summary>
    public UserEffects Stop()
    {
        _isStopping = true;
        return IsStopped || _isAwaitingOutcome ? UserEffects.None
            : IsUnsaved ? BeginSave()
            : Stopped();
    }

    /// <summary>A save is durable. It may be told late, even after <see cref="OnSaveFailed"/>.</summary>
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
        return UserEffects.TellSaved
            | (!_isStopping ? TellUnsavedOnce() : _isUnsaved ? BeginSave() : Stopped());
    }

    /// <summary>Someone else saved a revision that this actor has not seen: it is stale, and its successor loads.</summary>
    /// <param name="revision">The revision that was to be saved.</param>
    public UserEffects OnConflict(long revision) =>
        IsStopped || _saving is null || revision != SavingRevision ? UserEffects.None : Stopped();

    /// <summary>A save failed, or its outcome is unknown: it is tried again when the pacer says so.</summary>
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

    /// <summary>What is known to be saved of a partition; −1: nothing.</summary>
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

    /// <summary>Adds a hint for every partition of which something is saved.</summary>
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
        return UserEffects.Save;
    }

    private UserEffects Stopped()
    {
        IsStopped = true;
        return UserEffects.Stop;
    }

    /// <summary>The saved offset of a partition that is told about; −1 at first. A newer epoch takes the place of the older ones, which are drained.</summary>
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
