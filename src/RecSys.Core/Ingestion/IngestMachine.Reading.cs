using RecSys.Core.Log;

namespace RecSys.Core.Ingestion;

public sealed partial class IngestMachine
{
    private readonly IngestRead?[] _reading = new IngestRead?[3];
    private readonly bool[] _isUnreadable = new bool[3];
    private int _readingCount;
    private int _rewoundChunks;
    private bool _mayRead = true;

    // Buffers for one chunk, whose records are grouped by user in the order of first appearance.
    // invariant: the sum of Count over _groups[.._groupCount] = _groupedCount <= records of the chunk
    private int[] _groupOf = [];
    private Group[] _groups = [];
    private int _groupCount;
    private int _groupedCount;

    /// <summary>Handles a chunk that was read.</summary>
    /// <param name="read">The read request.</param>
    /// <param name="chunk">The records, at most as many as requested.</param>
    public void OnRead(IngestRead read, LogChunk chunk)
    {
        ArgumentNullException.ThrowIfNull(chunk);
        if (_isStopped || !EndReading(read))
        {
            return;
        }

        if (read.Reading == IngestReading.New)
        {
            SendNew(chunk);
        }
        else
        {
            SendAgain(read.Reading == IngestReading.Rewind ? _rewind : _parkedRewind, chunk);
        }

        RequestReads();
    }

    /// <summary>Handles a failed read, which is retried at the next tick.</summary>
    public void OnReadFailed(IngestRead read)
    {
        if (!_isStopped && EndReading(read))
        {
            _mayRead = false;
        }
    }

    /// <summary>Ends a reading for the lifetime of this machine, because its next records can never be read; the other readings continue.</summary>
    public void OnUnreadable(IngestRead read)
    {
        if (!_isStopped && EndReading(read))
        {
            _isUnreadable[(int)read.Reading] = true;
            RequestReads();
        }
    }

    private void SendNew(LogChunk chunk)
    {
        BeginGroups(chunk.Entries.Length);
        for (int i = 0; i < chunk.Entries.Length; i++)
        {
            ref readonly LogEntry record = ref chunk.Entries[i];
            _groupOf[i] = -1;
            if (!LogRecordCodec.TryGetOwner(record.Bytes.Span, out Owner owner))
            {
                continue;
            }

            int index = _entries.GetOrAdd(owner);
            ref IngestEntry entry = ref _entries[index];
            if (record.Offset <= entry.After)
            {
                continue; // sent by a rewind already, or after a restart: listed as parked, or saved by an earlier incarnation
            }

            long after = KnownAfter(entry);
            if (!entry.IsUnsaved)
            {
                BecomeUnsaved(index, ref entry, record.Offset);
            }

            entry.Last = record.Offset;
            _parkedVersion += entry.IsParked ? 1 : 0;
            if (entry.Flow == IngestFlow.Open)
            {
                AddToGroup(i, index, ref entry, after);
            }
        }

        SendGroups(chunk.Entries);
        Next = long.Max(Next, chunk.Next);
    }

    private void SendAgain(Rewind rewind, LogChunk chunk)
    {
        if (!rewind.IsRunning)
        {
            return; // no user needs the rewind any more
        }

        BeginGroups(chunk.Entries.Length);
        for (int i = 0; i < chunk.Entries.Length; i++)
        {
            ref readonly LogEntry record = ref chunk.Entries[i];
            _groupOf[i] = -1;
            if (!LogRecordCodec.TryGetOwner(record.Bytes.Span, out Owner owner))
            {
                continue;
            }

            int index = _entries.Find(owner);
            if (index < 0 || !rewind.Members.TryGetValue(index, out Rewind.Member member))
            {
                continue; // the user is not part of this rewind
            }

            ref IngestEntry entry = ref _entries[index];
            if (record.Offset < entry.First || record.Offset <= member.SentTo)
            {
                continue; // saved meanwhile, or already applied by the actor
            }

            // The first Take continues after the offset that is saved or that the actor reported, not after the one sent before the gap.
            AddToGroup(i, index, ref entry, long.Max(KnownBase(entry), member.SentTo));
            rewind.Members[index] = new Rewind.Member(record.Offset, long.Min(member.FirstTicket, _sent.NextTicket));
            if (record.Offset > entry.Last)
            {
                entry.Last = record.Offset; // ahead of the reading of new records, which then skips it
                _parkedVersion += entry.IsParked ? 1 : 0;
            }
        }

        SendGroups(chunk.Entries);
        bool hasRead = chunk.Next > rewind.Position;
        rewind.Position = long.Max(rewind.Position, chunk.Next);
        if (rewind.Position >= long.Max(Next, rewind.Until + 1))
        {
            EndRewind(rewind);
        }
        else if (!hasRead)
        {
            _mayRead = false; // the log contains the records but did not return them: retry at the next tick
        }

        _rewoundChunks += rewind == _rewind ? 1 : 0;
    }

    /// <summary>Returns the offset that a user's actor must have before the first unsaved record; −1 if the actor has to check.</summary>
    /// <remarks>
    /// A base below the start of this machine, or below what it has forgotten, may come from a stale actor while another incarnation
    /// saved more. All records of a parked user before its first unsaved one are saved.
    /// </remarks>
    private long KnownBase(in IngestEntry entry) => entry.Base >= (entry.IsParked ? entry.First - 1 : _forgottenBase) ? entry.Base : -1;

    /// <summary>Returns the offset that a user's actor must have before the next record; −1 if the actor has to check.</summary>
    private long KnownAfter(in IngestEntry entry) => entry.IsUnsaved ? entry.Last : KnownBase(entry);

    private void BecomeUnsaved(int index, ref IngestEntry entry, long first)
    {
        entry.First = first;
        entry.SinceMs = _nowMs;
        entry.Tries = 0;
        UnsavedCount++;
        _firsts.Enqueue((index, first));
        WatchSave(index, ref entry, _nowMs + _lateSaveMs);
    }

    private void BeginGroups(int count)
    {
        if (_groupOf.Length < count)
        {
            _groupOf = new int[count];
            _groups = new Group[count];
        }

        _groupCount = 0;
        _groupedCount = 0;
    }

    private void AddToGroup(int record, int index, ref IngestEntry entry, long after)
    {
        if (entry.Group < 0)
        {
            entry.Group = _groupCount;
            _groups[_groupCount++] = new Group { Index = index, After = after };
        }

        _groupOf[record] = entry.Group;
        _groups[entry.Group].Count++;
        _groupedCount++;
    }

    private void SendGroups(LogEntry[] records)
    {
        if (_groupedCount == 0)
        {
            return;
        }

        int end = 0;
        for (int i = 0; i < _groupCount; i++)
        {
            _groups[i].End = end; // index of the group's next record
            end += _groups[i].Count;
        }

        LogEntry[] sorted = new LogEntry[_groupedCount];
        for (int i = 0; i < records.Length; i++)
        {
            if (_groupOf[i] >= 0)
            {
                sorted[_groups[_groupOf[i]].End++] = records[i];
            }
        }

        for (int i = 0; i < _groupCount; i++)
        {
            ref Group group = ref _groups[i];
            ref IngestEntry entry = ref _entries[group.Index];
            entry.Group = -1;
            Send(group.Index, ref entry, group.After, sorted.AsMemory(group.End - group.Count, group.Count));
        }
    }

    private void Send(int index, ref IngestEntry entry, long after, ReadOnlyMemory<LogEntry> records)
    {
        ReadOnlySpan<LogEntry> span = records.Span;
        int start = 0;
        int size = IngestionCodec.TakeHeadBytes;
        for (int i = 0; i < span.Length; i++)
        {
            int recordSize = IngestionCodec.RecordHeadBytes + span[i].Bytes.Length;
            if (i > start && size + recordSize > _options.TakeBytesMax)
            {
                SendOne(index, ref entry, after, records[start..i]);
                after = span[i - 1].Offset;
                start = i;
                size = IngestionCodec.TakeHeadBytes;
            }

            size += recordSize;
        }

        SendOne(index, ref entry, after, records[start..]);
    }

    private void SendOne(int index, ref IngestEntry entry, long after, ReadOnlyMemory<LogEntry> records)
    {
        entry.Ticket = _sent.Add(index, records.Length, _nowMs);
        InFlight += records.Length;
        Effects.Takes.Add(new Take(entry.Owner, _epoch, _partition, entry.Base, after, entry.Ticket, records));
    }

    private void Probe(int index)
    {
        ref IngestEntry entry = ref _entries[index];
        SendOne(index, ref entry, entry.After, ReadOnlyMemory<LogEntry>.Empty);
        ProbeCount++;
    }

    private void RequestReads()
    {
        if (_isStopped || !_mayRead)
        {
            return;
        }

        RequestAgain(_rewind);
        bool isRewindsTurn = _rewind.IsRunning && !_isUnreadable[(int)IngestReading.Rewind] && _rewoundChunks < _options.RewindShare;
        if (!isRewindsTurn
            && UnsavedCount + _options.ChunkMax <= _options.UnsavedMax
            && MakeRoom()
            && TryRequest(IngestReading.New, Next))
        {
            _rewoundChunks = 0;
        }

        RequestAgain(_parkedRewind);
    }

    private void RequestAgain(Rewind rewind)
    {
        if (rewind.IsRunning)
        {
            TryRequest(rewind.Reading, rewind.Position);
        }
    }

    /// <summary>Requests a chunk, if the records in flight and those of all requested chunks stay within <see cref="IngestOptions.InFlightMax"/>.</summary>
    private bool TryRequest(IngestReading reading, long from)
    {
        if (_isUnreadable[(int)reading] || _reading[(int)reading] is not null || InFlight + ((_readingCount + 1) * _options.ChunkMax) > _options.InFlightMax)
        {
            return false;
        }

        IngestRead read = new(reading, from, _options.ChunkMax);
        _reading[(int)reading] = read;
        _readingCount++;
        Effects.Reads.Add(read);
        return true;
    }

    private bool EndReading(IngestRead read)
    {
        if (_reading[(int)read.Reading] != read)
        {
            return false; // the request was answered before
        }

        _reading[(int)read.Reading] = null;
        _readingCount--;
        return true;
    }

    private struct Group
    {
        public int Index;
        public int Count;
        public int End;
        public long After;
    }
}
