namespace RecSys.Core.Ingestion;

public sealed partial class IngestMachine
{
    // Time at which a record of any user was last saved. The initial value is earlier than all times; half of the minimum, so that a subtraction does not overflow.
    private long _progressMs = long.MinValue / 2;

    /// <summary>Handles an answer of a user's actor, which may be late or repeated.</summary>
    public void OnAnswer(TakeAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        if (_isStopped || answer.Epoch != _epoch || answer.Partition != _partition)
        {
            return;
        }

        bool isAwaited = _sent.TryAnswer(answer.Ticket, out int index, out int records, out long sentMs);
        InFlight -= records;
        if (!isAwaited || _entries[index].Owner != answer.Owner)
        {
            index = _entries.Find(answer.Owner);
        }

        GapCount += answer is Gap ? 1 : 0;
        if (index >= 0)
        {
            AdvanceSaved(index, answer.SavedUpTo);
            UpdateBehind(index, answer, isAwaited, sentMs);
            ref IngestEntry entry = ref _entries[index];
            if (answer.Has >= entry.After)
            {
                Resolve(index, ref entry); // the actor has all records
            }
            else if (isAwaited && entry.IsUnsaved && (answer is Gap || entry.Flow == IngestFlow.Silent))
            {
                Mark(index, ref entry, answer.Ticket, answer.Has);
            }
            else if (answer.Has < entry.Base && entry.Flow == IngestFlow.Open && !_sent.IsAwaited(entry.Ticket))
            {
                Probe(index); // another actor of the user saved records that this one lacks: the Base of the probe makes this outdated actor stop
            }
        }

        RequestReads();
    }

    /// <summary>Handles the message of a user's actor that its state was saved; the machine does not depend on its arrival.</summary>
    public void OnSaved(Saved saved)
    {
        ArgumentNullException.ThrowIfNull(saved);
        if (_isStopped || saved.Epoch != _epoch || saved.Partition != _partition)
        {
            return;
        }

        int index = _entries.Find(saved.Owner);
        if (index >= 0)
        {
            AdvanceSaved(index, saved.UpTo);
        }

        RequestReads();
    }

    /// <summary>Adds a user whose actor misses records to <c>_behind</c>, or removes the user once the actor has the records.</summary>
    private void UpdateBehind(int index, TakeAnswer answer, bool isAwaited, long sentMs)
    {
        if (answer is Gap && isAwaited && _entries[index].IsUnsaved)
        {
            AddBehind(index, sentMs);
        }
        else if (_behind.Count > 0 && _behind.TryGetValue(index, out Behind behind) && answer.Has >= behind.Offset)
        {
            _behind.Remove(index);
        }
    }

    private void AddBehind(int index, long sentMs)
    {
        long sinceMs = _behind.TryGetValue(index, out Behind behind) ? behind.SinceMs : sentMs;
        _behind[index] = new Behind(_entries[index].Last, sinceMs);
    }

    private void AdvanceSaved(int index, long saved)
    {
        ref IngestEntry entry = ref _entries[index];
        if (saved <= entry.Base)
        {
            return;
        }

        bool wasUnsaved = entry.IsUnsaved;
        entry.Base = saved;
        if (!wasUnsaved)
        {
            return;
        }

        if (saved >= entry.Last)
        {
            BecomeSaved(index, ref entry);
        }
        else if (saved >= entry.First)
        {
            entry.First = saved + 1;
            entry.SinceMs = _nowMs;
            entry.Tries = 0;
            _progressMs = _nowMs;
            if (!entry.IsParked)
            {
                _movedFirsts.Enqueue(index, entry.First);
            }
            else
            {
                _parkedVersion++;
                UnparkIfCaughtUp(index, ref entry);
            }
        }
    }

    private void BecomeSaved(int index, ref IngestEntry entry)
    {
        UnsavedCount--;
        _behind.Remove(index);
        entry.SinceMs = _nowMs;
        entry.Tries = 0;
        _progressMs = _nowMs;
        if (entry.IsParked)
        {
            RemoveParked(index, ref entry);
        }

        Resolve(index, ref entry);
        if (!entry.Timers.HasFlag(IngestTimers.Forget))
        {
            entry.Timers |= IngestTimers.Forget;
            _forgets.Enqueue(new Timer(index, _nowMs + SavedKeptMs));
        }
    }

    /// <summary>Sends records to the user again as they are read, because the actor has all records before them.</summary>
    private void Resolve(int index, ref IngestEntry entry)
    {
        if (entry.Flow == IngestFlow.Rewinding)
        {
            LeaveRewind(index);
        }

        entry.Flow = IngestFlow.Open;
    }

    /// <summary>Holds a user's records back until a rewind has sent the missing ones.</summary>
    /// <param name="index">Index of the user's entry.</param>
    /// <param name="entry">The user's entry.</param>
    /// <param name="ticket">Ticket of the Take whose answer reported the gap.</param>
    /// <param name="has">Newest offset that the user's actor has; −1 if unknown.</param>
    private void Mark(int index, ref IngestEntry entry, long ticket, long has = -1)
    {
        if (entry.Flow == IngestFlow.Marked)
        {
            return;
        }

        Rewind rewind = RewindOf(entry);
        if (entry.Flow == IngestFlow.Rewinding)
        {
            if (ticket < rewind.Members[index].FirstTicket)
            {
                return; // the answer is to a Take that was sent before this rewind; the rewind sends the missing records
            }

            LeaveRewind(index);
        }

        entry.Flow = IngestFlow.Marked;
        if (rewind.IsRunning && MissingFrom(entry, has) >= rewind.Position)
        {
            JoinRewind(rewind, index, ref entry, has);
        }
        else
        {
            rewind.Waiting[index] = has;
        }
    }

    private Rewind RewindOf(in IngestEntry entry) => entry.IsParked ? _parkedRewind : _rewind;

    /// <summary>Returns the first offset that a user's actor may miss: after what is saved and after what the actor reported. The reported offset matters if the user's saves fail: each rewind would otherwise begin at the same record.</summary>
    private static long MissingFrom(in IngestEntry entry, long has) => long.Max(entry.First, has + 1);

    /// <summary>Begins a rewind at the oldest record that a waiting user may miss, at most once per <see cref="IngestOptions.RewindEvery"/>.</summary>
    private void BeginRewind(Rewind rewind)
    {
        if (rewind.IsRunning || rewind.Waiting.Count == 0 || _nowMs < rewind.NotBeforeMs || _reading[(int)rewind.Reading] is not null)
        {
            return;
        }

        rewind.Position = long.MaxValue;
        rewind.Until = -1;
        foreach ((int index, long has) in rewind.Waiting)
        {
            ref IngestEntry entry = ref _entries[index];
            if (entry.Flow == IngestFlow.Marked && RewindOf(entry) == rewind)
            {
                rewind.Position = long.Min(rewind.Position, MissingFrom(entry, has));
                JoinRewind(rewind, index, ref entry, has);
            }
        }

        rewind.Waiting.Clear();
        if (rewind.Members.Count > 0)
        {
            rewind.IsRunning = true;
            rewind.NotBeforeMs = _nowMs + (long)_options.RewindEvery.TotalMilliseconds;
            RewindCount++;
        }
    }

    private static void JoinRewind(Rewind rewind, int index, ref IngestEntry entry, long has)
    {
        entry.Flow = IngestFlow.Rewinding;
        rewind.Until = long.Max(rewind.Until, entry.Last);
        rewind.Members[index] = new Rewind.Member(has >= entry.First ? has : -1, long.MaxValue);
    }

    private void LeaveRewind(int index)
    {
        Leave(_rewind);
        Leave(_parkedRewind);

        void Leave(Rewind rewind)
        {
            if (rewind.Members.Remove(index) && rewind.Members.Count == 0)
            {
                rewind.IsRunning = false;
            }
        }
    }

    private void EndRewind(Rewind rewind)
    {
        rewind.IsRunning = false;
        foreach ((int index, Rewind.Member member) in rewind.Members)
        {
            ref IngestEntry entry = ref _entries[index];
            entry.Flow = IngestFlow.Open;
            long lastFound = long.Max(member.SentTo, entry.Base);
            if (lastFound < entry.Last)
            {
                // An erasure of the person has removed the later records from the log.
                entry.Last = lastFound;
                _parkedVersion += entry.IsParked ? 1 : 0;
            }

            if (!entry.IsUnsaved)
            {
                BecomeSaved(index, ref entry);
            }
            else if (entry.Ticket < _sent.Oldest)
            {
                Probe(index); // all Takes to the user are answered or timed out
            }
        }

        rewind.Members.Clear();
    }
}
