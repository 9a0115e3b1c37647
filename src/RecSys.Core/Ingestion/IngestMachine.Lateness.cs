namespace RecSys.Core.Ingestion;

public sealed partial class IngestMachine
{
    private readonly Queue<Timer> _lateSaves = new();
    private readonly Queue<Timer> _forgets = new();
    private long _parkedRetryMs;

    private long SavedKeptMs => (long)_options.SavedKept.TotalMilliseconds;

    /// <summary>Times out Takes without an answer: returns their permits and probes the actors. A late answer alone begins no rewind.</summary>
    private void GiveUpTakes()
    {
        while (_sent.TryExpire(_nowMs - _answerMs, out long ticket, out int index, out int records, out long sentMs))
        {
            InFlight -= records;
            UnansweredCount++;
            ref IngestEntry entry = ref _entries[index];
            if (entry.IsUnsaved)
            {
                AddBehind(index, sentMs);
            }

            if (entry.Ticket != ticket || !entry.IsUnsaved || entry.Flow != IngestFlow.Open)
            {
                continue; // a newer Take or a rewind is under way, or everything is saved
            }

            if (entry.IsParked)
            {
                entry.Flow = IngestFlow.Silent; // probed at the next retry
            }
            else
            {
                Probe(index);
            }
        }
    }

    private void WatchSave(int index, ref IngestEntry entry, long dueMs)
    {
        if (!entry.Timers.HasFlag(IngestTimers.LateSave))
        {
            entry.Timers |= IngestTimers.LateSave;
            _lateSaves.Enqueue(new Timer(index, dueMs));
        }
    }

    /// <summary>Probes users that are not saved in time, and parks those whose saves fail repeatedly while others succeed.</summary>
    private void CheckSaves()
    {
        while (_lateSaves.TryPeek(out Timer timer) && timer.DueMs <= _nowMs)
        {
            _lateSaves.Dequeue();
            ref IngestEntry entry = ref _entries[timer.Index];
            entry.Timers &= ~IngestTimers.LateSave;
            if (!entry.IsUnsaved || entry.IsParked)
            {
                continue;
            }

            long dueMs = entry.SinceMs + _lateSaveMs;
            if (dueMs <= _nowMs)
            {
                dueMs = _nowMs + _lateSaveMs;
                OnLateSave(timer.Index, ref entry);
            }

            if (!entry.IsParked)
            {
                WatchSave(timer.Index, ref entry, dueMs);
            }
        }
    }

    private void OnLateSave(int index, ref IngestEntry entry)
    {
        // If no user is saved, the store is unavailable: that is no reason to park a user.
        bool othersAreSaved = _progressMs > _nowMs - _lateSaveMs;
        if (othersAreSaved && entry.Tries < _options.SaveTriesMax)
        {
            entry.Tries++;
        }

        if (entry.Tries >= _options.SaveTriesMax && _parked.Count < _options.ParkedMax)
        {
            Park(index, ref entry);
        }

        if (entry.Flow == IngestFlow.Open)
        {
            Probe(index);
        }
    }

    private void Park(int index, ref IngestEntry entry)
    {
        bool isMissing = entry.Flow is IngestFlow.Marked or IngestFlow.Rewinding;
        Resolve(index, ref entry);
        entry.IsParked = true;
        _parked.Add(index);
        _parkedVersion++;
        if (isMissing)
        {
            Mark(index, ref entry, long.MaxValue);
        }
    }

    private void StartParked(ParkedUser user)
    {
        int index = _entries.GetOrAdd(user.Owner);
        ref IngestEntry entry = ref _entries[index];
        entry.First = user.First;
        entry.Last = user.Last;
        entry.SinceMs = _nowMs;
        entry.IsParked = true;
        entry.Flow = IngestFlow.Silent; // until an answer reports the missing records
        UnsavedCount++;
        _parked.Add(index);
        Probe(index);
    }

    private void RetryParked()
    {
        if (_nowMs < _parkedRetryMs)
        {
            return;
        }

        _parkedRetryMs = _nowMs + (long)_options.ParkedRetryEvery.TotalMilliseconds;
        foreach (int index in _parked)
        {
            if (_entries[index].Flow is IngestFlow.Open or IngestFlow.Silent)
            {
                Probe(index);
            }
        }
    }

    /// <summary>Unparks a user whose saves succeed again, as soon as that does not move the checkpoint back.</summary>
    private void UnparkIfCaughtUp(int index, ref IngestEntry entry)
    {
        if (entry.First < CheckpointNow())
        {
            return;
        }

        bool isMissing = entry.Flow is IngestFlow.Marked or IngestFlow.Rewinding or IngestFlow.Silent;
        Resolve(index, ref entry);
        RemoveParked(index, ref entry);
        _movedFirsts.Enqueue(index, entry.First);
        WatchSave(index, ref entry, _nowMs + _lateSaveMs);
        if (isMissing)
        {
            Mark(index, ref entry, long.MaxValue);
        }
    }

    private void RemoveParked(int index, ref IngestEntry entry)
    {
        entry.IsParked = false;
        _parked.Remove(index);
        _parkedVersion++;
    }

    /// <summary>Forgets users that were saved <see cref="IngestOptions.SavedKept"/> ago and got no record since.</summary>
    private void ForgetSaved()
    {
        while (_forgets.TryPeek(out Timer timer) && timer.DueMs <= _nowMs)
        {
            _forgets.Dequeue();
            ref IngestEntry entry = ref _entries[timer.Index];
            entry.Timers &= ~IngestTimers.Forget;
            if (entry.IsUnsaved)
            {
                continue;
            }

            long dueMs = entry.SinceMs + SavedKeptMs;
            if (dueMs <= _nowMs && entry.Timers == IngestTimers.None)
            {
                Forget(timer.Index);
            }
            else
            {
                entry.Timers |= IngestTimers.Forget;
                _forgets.Enqueue(new Timer(timer.Index, long.Max(dueMs, _nowMs + _answerMs)));
            }
        }
    }

    /// <summary>Forgets saved users early, the longest saved first, until there is room for a chunk.</summary>
    /// <returns>Whether there is room for all users of a chunk.</returns>
    private bool MakeRoom()
    {
        while (_entries.Count + _options.ChunkMax > _options.EntriesMax)
        {
            while (_lateSaves.TryPeek(out Timer late) && !_entries[late.Index].IsUnsaved)
            {
                _lateSaves.Dequeue();
                _entries[late.Index].Timers &= ~IngestTimers.LateSave;
            }

            if (!_forgets.TryPeek(out Timer timer))
            {
                return false;
            }

            ref IngestEntry entry = ref _entries[timer.Index];
            if (!entry.IsUnsaved && entry.Timers != IngestTimers.Forget)
            {
                return false; // its late-save timer is queued behind one of an unsaved user
            }

            _forgets.Dequeue();
            entry.Timers &= ~IngestTimers.Forget;
            if (!entry.IsUnsaved)
            {
                Forget(timer.Index);
                ForgottenEarlyCount++;
            }
        }

        return true;
    }

    private void Forget(int index)
    {
        _forgottenBase = long.Max(_forgottenBase, _entries[index].Base);
        _entries.Remove(index);
    }
}
