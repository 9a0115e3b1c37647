using RecSys.Core.Log;

namespace RecSys.Core.Ingestion;

public sealed partial class IngestMachine
{
    private readonly IngestRead?[] _reading = new IngestRead?[3];
    private int _readingCount;
    private int _rewoundChunks;
    private bool _mayRead = true;

    // Scratch of one chunk: its records are grouped by user, in the order in which each first comes.
    private int[] _groupOf = [];
    private Group[] _groups = [];
    private int _groupCount;
    private int _groupedCount;

    /// <summary>A chunk was read.</summary>
    /// <param name="read">The wish that it answers.</param>
    /// <param name="chunk">What was read, at most as many records as were wished.</param>
    public void OnRead(IngestRead read, LogChunk chunk)
    {
        ArgumentNullException.ThrowIfNull(chunk);
        if (_isStopped || !EndReading(read))
        {
            return;
        }

        if (read.Reading == IngestReading.New)
        {
            TakeNew(chunk);
        }
        else
        {
            TakeAgain(read.Reading == IngestReading.Rewind ? _rewind : _parkedRewind, chunk);
        }

        RequestReads();
    }

    /// <summary>The log could not be read: it is wished again at the next tick.</summary>
    public void OnReadFailed(IngestRead read)
    {
        if (!_isStopped && EndReading(read))
        {
            _mayRead = false;
        }
    }

    private void TakeNew(LogChunk chunk)
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
                continue; // after a restart: known from the parked list, or saved by a predecessor
            }

            long after = KnownAfter(entry);
            if (!entry.IsDirty)
            {
                BecomeDirty(index, ref entry, record.Offset);
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

    private void TakeAgain(Rewind rewind, LogChunk chunk)
    {
        if (!rewind.IsRunning)
        {
            return; // everyone in it was resolved meanwhile
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
                continue; // others are not sent to twice
            }

            ref IngestEntry entry = ref _entries[index];
            if (record.Offset < entry.First || record.Offset <= member.SentTo)
            {
                continue; // saved meanwhile, or what the actor said it has
            }

            // The first one says "after what is saved", or "after what the actor has", not "after what was sent": that is what was missing.
            AddToGroup(i, index, ref entry, long.Max(KnownBase(entry), member.SentTo));
            rewind.Members[index] = new Rewind.Member(record.Offset, long.Min(member.FirstTicket, _sent.NextTicket));
            if (record.Offset > entry.Last)
            {
                entry.Last = record.Offset; // ahead of the first reading, which then passes it
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
            _mayRead = false; // the log has it, but does not show it now
        }

        _rewoundChunks += rewind == _rewind ? 1 : 0;
    }

    /// <summary>What a user's actor must have before what is unsaved; −1: it has to find out.</summary>
    /// <remarks>
    /// An answer that says less than where this machine began, or than what it has forgotten, may be from an actor that slept
    /// through what another one saved before. Of who is set aside, everything before their first unsaved record was saved.
    /// </remarks>
    private long KnownBase(in IngestEntry entry) => entry.Base >= (entry.IsParked ? entry.First - 1 : _forgottenBase) ? entry.Base : -1;

    /// <summary>What a user's actor must have before what comes next; −1: it has to find out.</summary>
    private long KnownAfter(in IngestEntry entry) => entry.IsDirty ? entry.Last : KnownBase(entry);

    private void BecomeDirty(int index, ref IngestEntry entry, long first)
    {
        entry.First = first;
        entry.SinceMs = _nowMs;
        entry.Tries = 0;
        DirtyCount++;
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
            _groups[i].End = end; // where the next of its records goes
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
        bool isRewindsTurn = _rewind.IsRunning && _rewoundChunks < _options.RewindShare;
        if (!isRewindsTurn
            && DirtyCount + _options.ChunkMax <= _options.DirtyMax
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

    /// <summary>Wishes a chunk, if there is room for all that it may hold beside what other readings may bring.</summary>
    private bool TryRequest(IngestReading reading, long from)
    {
        if (_reading[(int)reading] is not null || InFlight + ((_readingCount + 1) * _options.ChunkMax) > _options.InFlightMax)
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
            return false; // an answer to a wish that was answered before
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
