namespace RecSys.Core.Ingestion;

public sealed partial class IngestMachine
{
    private readonly Queue<Timer> _lateSaves = new();
    private readonly Queue<Timer> _forgets = new();
    private long _parkedRetryMs;

    private long CleanKeptMs => (long)_options.CleanKept.TotalMilliseconds;

    /// <summary>No answer in time: free the permits and ask. Lateness alone never rewinds.</summary>
    private void GiveUpTakes()
    {
        while (_sent.TryExpire(_nowMs - _answerMs, out long ticket, out int index, out int records))
        {
            InFlight -= records;
            UnansweredCount++;
            ref IngestEntry entry = ref _entries[index];
            if (entry.Ticket != ticket || !entry.IsDirty || entry.Flow != IngestFlow.Open)
            {
                continue; // a newer one is under way, or a rewind, or there is nothing to ask
            }

            if (entry.IsParked)
            {
                entry.Flow = IngestFlow.Silent; // asked at the next retry
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

    /// <summary>Not saved in time: ask, and set aside who is never saved while others are.</summary>
    private void CheckSaves()
    {
        while (_lateSaves.TryPeek(out Timer timer) && timer.DueMs <= _nowMs)
        {
            _lateSaves.Dequeue();
            ref IngestEntry entry = ref _entries[timer.Index];
            entry.Timers &= ~IngestTimers.LateSave;
            if (!entry.IsDirty || entry.IsParked)
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
        // Where nobody is saved, it is the store that is away, and nobody is set aside for it.
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
        entry.Flow = IngestFlow.Silent; // as in a gap, until an answer says what is missing
        DirtyCount++;
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

    /// <summary>Takes a user back whose saves succeed again, as soon as that does not move the checkpoint back.</summary>
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

    /// <summary>Forgets users of whom nothing was unsaved for a while.</summary>
    private void ForgetClean()
    {
        while (_forgets.TryPeek(out Timer timer) && timer.DueMs <= _nowMs)
        {
            _forgets.Dequeue();
            ref IngestEntry entry = ref _entries[timer.Index];
            entry.Timers &= ~IngestTimers.Forget;
            if (entry.IsDirty)
            {
                continue;
            }

            long dueMs = entry.SinceMs + CleanKeptMs;
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

    /// <summary>At their bound the entries that are clean longest go before their time.</summary>
    /// <returns>Whether there is room for all that a chunk may bring.</returns>
    private bool MakeRoom()
    {
        while (_entries.Count + _options.ChunkMax > _options.EntriesMax)
        {
            while (_lateSaves.TryPeek(out Timer late) && !_entries[late.Index].IsDirty)
            {
                _lateSaves.Dequeue();
                _entries[late.Index].Timers &= ~IngestTimers.LateSave;
            }

            if (!_forgets.TryPeek(out Timer timer))
            {
                return false;
            }

            ref IngestEntry entry = ref _entries[timer.Index];
            if (!entry.IsDirty && entry.Timers != IngestTimers.Forget)
            {
                return false; // its save is watched behind one that is still missing
            }

            _forgets.Dequeue();
            entry.Timers &= ~IngestTimers.Forget;
            if (!entry.IsDirty)
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
