using System.Collections.Immutable;
using System.Diagnostics;

namespace RecSys.Core.Ingestion;

public sealed partial class IngestMachine
{
    // The first unsaved record of each user in the order of offsets, and first records that a save moved. Both may contain outdated
    // pairs: IsCurrentFirst tells them apart.
    // invariant: for each unsaved user that is not parked, (Index, First) is in one of the two
    private readonly Queue<(int Index, long First)> _firsts = new();
    private readonly PriorityQueue<int, long> _movedFirsts = new();

    // invariant: a pending save has the revision _revision + 1
    private long _revision;
    private long _checkpointMs = long.MinValue;
    private PendingCheckpoint? _pending;
    private bool _isPendingUnderWay;
    private int _parkedVersion;
    private int _savedParkedVersion;

    /// <summary>Handles a checkpoint that is durable.</summary>
    /// <param name="revision">The saved revision.</param>
    public void OnCheckpointSaved(long revision)
    {
        if (!_isStopped && _pending is { } pending && pending.Save.Revision == revision)
        {
            _revision = revision;
            CheckpointPosition = pending.Position;
            _savedParkedVersion = pending.ParkedVersion;
            _pending = null;
            _isPendingUnderWay = false;
        }
    }

    /// <summary>Handles a checkpoint that conflicts: another machine runs for this partition, and this one stops.</summary>
    /// <param name="revision">The revision that was not saved.</param>
    public void OnCheckpointConflict(long revision)
    {
        if (!_isStopped && _pending is { } pending && pending.Save.Revision == revision)
        {
            Stop(IngestStopReason.AnotherRuns, pending.Position);
        }
    }

    /// <summary>Handles a checkpoint whose save failed or whose outcome is unknown; the same bytes are saved again.</summary>
    /// <param name="revision">The revision that may not be saved.</param>
    public void OnCheckpointFailed(long revision)
    {
        if (_pending is { } pending && pending.Save.Revision == revision)
        {
            _isPendingUnderWay = false;
        }
    }

    /// <summary>
    /// Parks the users with unsaved records, those with the oldest first and at most <see cref="IngestOptions.ParkedMax"/>: of records before the next checkpoint, the partition's next machine
    /// reads only those of these users again.
    /// </summary>
    /// <remarks>Call it before the last checkpoint of a machine, once its users have had the time to save.</remarks>
    public void ParkUnsaved()
    {
        while (!_isStopped && _parked.Count < _options.ParkedMax && TryPeekFirst(out int index, out _))
        {
            Park(index, ref _entries[index]);
        }
    }

    private void SaveCheckpoint()
    {
        if (_isPendingUnderWay || _nowMs < _checkpointMs)
        {
            return;
        }

        _checkpointMs = _nowMs + (long)_options.CheckpointEvery.TotalMilliseconds;
        if (_pending is null)
        {
            long position = CheckpointNow();
            if (position == CheckpointPosition && _parkedVersion == _savedParkedVersion)
            {
                return;
            }

            _pending = new PendingCheckpoint(
                new IngestSave(
                    _revision + 1,
                    IngestCheckpointCodec.Encode(new IngestCheckpoint(_epoch, _partition, position, ListParked()))),
                position,
                _parkedVersion);
        }

        Debug.Assert(_pending.Value.Save.Revision == _revision + 1, "a checkpoint skips a revision");
        Debug.Assert(_pending.Value.Position <= Next, "a checkpoint is ahead of the reading");
        _isPendingUnderWay = true;
        Effects.Save = _pending.Value.Save;
    }

    private ImmutableArray<ParkedUser> ListParked()
    {
        ImmutableArray<ParkedUser>.Builder users = ImmutableArray.CreateBuilder<ParkedUser>(_parked.Count);
        foreach (int index in _parked)
        {
            ref IngestEntry entry = ref _entries[index];
            users.Add(new ParkedUser(entry.Owner, entry.First, entry.Last));
        }

        return users.MoveToImmutable();
    }

    /// <summary>Returns the offset of the oldest record that is read and not known to be saved, without the records of parked users; <see cref="Next"/> if there is none.</summary>
    private long CheckpointNow() => TryPeekFirst(out _, out long first) ? long.Min(Next, first) : Next;

    private long OldestNeeded()
    {
        long oldest = CheckpointNow();
        foreach (int index in _parked)
        {
            oldest = long.Min(oldest, _entries[index].First);
        }

        return oldest;
    }

    /// <summary>Returns the user with the oldest unsaved record, without parked users, and the record's offset.</summary>
    private bool TryPeekFirst(out int index, out long first)
    {
        DropOutdatedFirsts();
        (index, first) = (-1, long.MaxValue);
        while (_firsts.TryPeek(out (int Index, long First) oldest))
        {
            if (IsCurrentFirst(oldest.Index, oldest.First))
            {
                (index, first) = oldest;
                break;
            }

            _firsts.Dequeue();
        }

        while (_movedFirsts.TryPeek(out int moved, out long movedFirst))
        {
            if (IsCurrentFirst(moved, movedFirst))
            {
                (index, first) = movedFirst < first ? (moved, movedFirst) : (index, first);
                break;
            }

            _movedFirsts.Dequeue();
        }

        return index >= 0;
    }

    private bool IsCurrentFirst(int index, long first)
    {
        ref IngestEntry entry = ref _entries[index];
        return entry.First == first && entry.IsUnsaved && !entry.IsParked;
    }

    /// <summary>Removes outdated pairs, so that both queues stay within a small multiple of the unsaved users while an old record is at their head.</summary>
    private void DropOutdatedFirsts()
    {
        int countMax = 1_024 + (4 * UnsavedCount);
        if (_firsts.Count > countMax)
        {
            for (int i = _firsts.Count; i > 0; i--)
            {
                (int index, long first) = _firsts.Dequeue();
                if (IsCurrentFirst(index, first))
                {
                    _firsts.Enqueue((index, first));
                }
            }
        }

        if (_movedFirsts.Count > countMax)
        {
            (int Index, long First)[] kept = [.. _movedFirsts.UnorderedItems.Where(item => IsCurrentFirst(item.Element, item.Priority))];
            _movedFirsts.Clear();
            _movedFirsts.EnqueueRange(kept);
        }
    }

    private readonly record struct PendingCheckpoint(IngestSave Save, long Position, int ParkedVersion);
}
