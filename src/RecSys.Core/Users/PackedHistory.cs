using System.Diagnostics;
using System.Runtime.InteropServices;
using RecSys.Core.Log;

namespace RecSys.Core.Users;

/// <summary>
/// Interactions as bytes, oldest first: each is its key (time, epoch, partition, offset), its body as in the log's record but without a context, and the
/// length of both, encoded so that it can be read from its end.
/// </summary>
/// <remarks>
/// A profile has two: its newest interactions, and the older statements beside them (<see cref="Keep"/>).
/// Immutable: the bytes of a version never change. Successive versions share one array with free space at its end; the first four bytes
/// of the array contain the end of its used part, the mark. So an append to a long history copies only the new interaction. The first append
/// to a version uses the free space; further ones to the same version copy the array.
/// </remarks>
internal readonly struct PackedHistory
{
    private const int MarkBytes = sizeof(int);
    private const int RoomBytesMin = 64;
    private const int RoomShare = 4;

    // invariant: with an array: MarkBytes <= _start <= _end <= mark <= _bytes.Length, 1 <= Count
    // invariant: without one: Count = _start = _end = 0
    private readonly byte[]? _bytes;
    private readonly int _start;
    private readonly int _end;

    private PackedHistory(byte[] bytes, int start, int end, int count)
    {
        _bytes = bytes;
        _start = start;
        _end = end;
        Count = count;
        Debug.Assert(
            MarkBytes <= start && start <= end && end <= Volatile.Read(ref MarkOf(bytes)) && MarkOf(bytes) <= bytes.Length,
            "the history spans bytes that are not its own");
    }

    public int Count { get; }

    /// <summary>Gets the approximate memory of the array in bytes, including the free space.</summary>
    public int SizeBytes => _bytes is null ? 0 : ((_bytes.Length + 7) & ~7) + 16;

    /// <summary>Gets the array that the indices of a <see cref="PackedEntry"/> refer to.</summary>
    public byte[] Array => _bytes ?? [];

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(_start, _end - _start);

    public int Start => _start;

    public int End => _end;

    /// <summary>Returns whether this is the same version as another: the same interactions in the same array.</summary>
    public bool IsSame(PackedHistory other) => ReferenceEquals(_bytes, other._bytes) && _start == other._start && _end == other._end;

    /// <summary>Returns the entry that ends at <paramref name="end"/>.</summary>
    public PackedEntry EntryBefore(int end)
    {
        ReadOnlySpan<byte> bytes = _bytes;
        int position = end;
        int length = 0;
        int shift = 0;
        byte next;
        do
        {
            next = bytes[--position];
            length |= (next & 0x7F) << shift;
            shift += 7;
        }
        while (next >= 0x80);

        return PackedEntry.Read(bytes[..position], position - length, end);
    }

    /// <summary>
    /// Adds an interaction whose log position the history does not contain, unless the history contains its id. A full history drops its oldest, which <see cref="Keep"/> may add to <paramref name="older"/>.
    /// </summary>
    /// <param name="interaction">Interaction to add, as the log stores it.</param>
    /// <param name="position">Position of the interaction in the log.</param>
    /// <param name="older">Statements that the full history has dropped; receives a dropped one.</param>
    /// <remarks>Of two interactions with the same id, the first one in the log is kept.</remarks>
    public PackedHistory Add(scoped in EncodedInteraction interaction, RecordPosition position, ref PackedHistory older)
    {
        PackedHistory history = this;
        if (!interaction.IdUtf8.IsEmpty)
        {
            if (TryFind(interaction.IdUtf8, out PackedEntry same))
            {
                if (same.Key.Position <= position)
                {
                    return this;
                }

                history = Without(same);
            }
            else if (older.TryFind(interaction.IdUtf8, out same))
            {
                if (same.Key.Position <= position)
                {
                    return this;
                }

                older = older.Without(same);
            }
        }

        return history.Push(new HistoryKey(interaction.TimestampMs, position), interaction.BodyBytes, ref older);
    }

    /// <summary>Adds an interaction. A full history drops its oldest, which <see cref="Keep"/> may add to <paramref name="older"/>.</summary>
    public PackedHistory Push(HistoryKey key, ReadOnlySpan<byte> body, ref PackedHistory older)
    {
        PackedHistory history = this;
        int size = SizeMax(body);
        while (history.Count == Limits.HistoryMax || !history.HasRoom(size, Limits.HistoryBytesMax))
        {
            PackedEntry oldest = history.EntryAt(history._start);
            if (key < oldest.Key)
            {
                older = older.Keep(key, body);
                return history;
            }

            older = older.Keep(oldest.Key, history.BodyOf(oldest));
            history = history.From(oldest.End);
        }

        return history.Insert(key, body, Limits.HistoryMax);
    }

    /// <summary>Returns whether an interaction may be added without exceeding a number of bytes; always true for an empty history.</summary>
    private bool HasRoom(int size, int bytesMax) => Count == 0 || _end - _start + size <= bytesMax;

    /// <summary>Returns the history without its oldest interaction.</summary>
    /// <param name="start">End of the oldest interaction.</param>
    private PackedHistory From(int start) => Count == 1 ? default : new PackedHistory(_bytes!, start, _end, Count - 1);

    /// <summary>Adds an interaction to older statements, if it may keep its item out of slates. Of those without an id that have the same type and item, the newest is kept.</summary>
    public PackedHistory Keep(HistoryKey key, ReadOnlySpan<byte> body)
    {
        ByteReader reader = new(body);
        InteractionPayload statement = InteractionPayload.Read(ref reader);
        if (!InteractionTypeCode.MayKeepOut(statement.TypeCode, statement.SpelledType))
        {
            return this;
        }

        PackedHistory rest = this;
        if (statement.Id.IsEmpty && Bytes.IndexOf(statement.Item) >= 0)
        {
            for (int end = _end; end > _start;)
            {
                PackedEntry entry = EntryBefore(end);
                InteractionPayload held = entry.BodyIn(_bytes);
                if (held.Id.IsEmpty && held.TypeCode == statement.TypeCode && held.SpelledType.SequenceEqual(statement.SpelledType) && held.Item.SequenceEqual(statement.Item))
                {
                    if (entry.Key > key)
                    {
                        return this;
                    }

                    rest = Without(entry);
                    break;
                }

                end = entry.Start;
            }
        }

        int size = SizeMax(body);
        while (!rest.HasRoom(size, Limits.OlderBytesMax))
        {
            PackedEntry oldest = rest.EntryAt(rest._start);
            if (key < oldest.Key)
            {
                return rest;
            }

            rest = rest.From(oldest.End);
        }

        return rest.Insert(key, body, Limits.OlderStatementsMax);
    }

    /// <summary>Finds the interaction with an id.</summary>
    public bool TryFind(ReadOnlySpan<byte> id, out PackedEntry entry)
    {
        // The id of a new interaction is almost always absent: searching for its bytes avoids reading the entries.
        if (Bytes.IndexOf(id) >= 0)
        {
            for (int end = _end; end > _start; end = entry.Start)
            {
                entry = EntryBefore(end);
                if (entry.BodyIn(_bytes).Id.SequenceEqual(id))
                {
                    return true;
                }
            }
        }

        entry = default;
        return false;
    }

    public PackedHistory Without(PackedEntry entry)
    {
        if (Count == 1)
        {
            return default;
        }

        int length = _end - _start - (entry.End - entry.Start);
        byte[] bytes = NewArray(length);
        _bytes.AsSpan(_start, entry.Start - _start).CopyTo(bytes.AsSpan(MarkBytes));
        _bytes.AsSpan(entry.End, _end - entry.End).CopyTo(bytes.AsSpan(MarkBytes + entry.Start - _start));
        return new PackedHistory(bytes, MarkBytes, MarkBytes + length, Count - 1);
    }

    /// <summary>Returns the history without the interactions up to an erasure.</summary>
    /// <param name="erasedUpTo">Position of the erasure.</param>
    public PackedHistory After(LogPosition erasedUpTo)
    {
        PackedHistory rest = default;
        for (int start = _start; start < _end;)
        {
            PackedEntry entry = EntryAt(start);
            if (!erasedUpTo.Covers(entry.Key.Position))
            {
                rest = rest.Append(entry.Key, BodyOf(entry), Count);
            }

            start = entry.End;
        }

        return rest;
    }

    /// <summary>Restores a history from saved bytes.</summary>
    /// <exception cref="CorruptRecordException">The bytes are not a history.</exception>
    public static PackedHistory Load(ReadOnlySpan<byte> saved, int count)
    {
        if (count == 0 && saved.IsEmpty)
        {
            return default;
        }

        byte[] bytes = NewArray(saved.Length);
        saved.CopyTo(bytes.AsSpan(MarkBytes));
        PackedHistory history = new(bytes, MarkBytes, MarkBytes + saved.Length, count);
        HistoryKey? before = null;
        int entries = 0;
        for (int start = history._start; start < history._end; entries++)
        {
            PackedEntry entry = history.EntryAt(start);
            if (entry.End > history._end
                || (before is { } older && !(entry.Key > older))
                || (entry.BodyIn(bytes).Flags & InteractionPayload.HasContext) != 0
                || !TrailerIs(bytes.AsSpan(entry.BodyEnd, entry.End - entry.BodyEnd), entry.BodyEnd - entry.Start))
            {
                throw new CorruptRecordException("the bytes of a profile's history are corrupt");
            }

            before = entry.Key;
            start = entry.End;
        }

        return entries == count ? history : throw new CorruptRecordException("a profile's history does not have the stored number of interactions");
    }

    /// <summary>Appends an interaction that is newer than all others; drops the oldest of a full history.</summary>
    private PackedHistory Append(HistoryKey key, ReadOnlySpan<byte> body, int countMax)
    {
        Span<byte> head = stackalloc byte[HistoryKey.BytesMax];
        head = head[..key.Write(head)];
        int size = SizeOf(head.Length + body.Length);
        int count = Count + 1;
        int start = _start;
        if (count > countMax)
        {
            start = EntryAt(start).End;
            count--;
        }

        if (_bytes is { } shared && _bytes.Length - _end >= size
            && Interlocked.CompareExchange(ref MarkOf(shared), _end + size, _end) == _end)
        {
            Write(shared.AsSpan(_end, size), head, body);
            return new PackedHistory(shared, start, _end + size, count);
        }

        int kept = _end - start;
        byte[] bytes = NewArray(kept + size, Math.Max(RoomBytesMin, (kept + size) / RoomShare));
        _bytes.AsSpan(start, kept).CopyTo(bytes.AsSpan(MarkBytes));
        Write(bytes.AsSpan(MarkBytes + kept, size), head, body);
        return new PackedHistory(bytes, MarkBytes, MarkBytes + kept + size, count);
    }

    /// <summary>Inserts an interaction in its place; a full history drops its oldest.</summary>
    private PackedHistory Insert(HistoryKey key, ReadOnlySpan<byte> body, int countMax)
    {
        int at = _end;
        while (at > _start)
        {
            PackedEntry before = EntryBefore(at);
            if (before.Key < key)
            {
                break;
            }

            at = before.Start;
        }

        if (at == _end)
        {
            return Append(key, body, countMax);
        }

        int start = _start;
        int count = Count + 1;
        if (count > countMax)
        {
            if (at == start)
            {
                return this;
            }

            start = EntryAt(start).End;
            count--;
        }

        Span<byte> head = stackalloc byte[HistoryKey.BytesMax];
        head = head[..key.Write(head)];
        int size = SizeOf(head.Length + body.Length);
        int length = _end - start + size;
        byte[] bytes = NewArray(length);
        _bytes.AsSpan(start, at - start).CopyTo(bytes.AsSpan(MarkBytes));
        Write(bytes.AsSpan(MarkBytes + at - start, size), head, body);
        _bytes.AsSpan(at, _end - at).CopyTo(bytes.AsSpan(MarkBytes + at - start + size));
        return new PackedHistory(bytes, MarkBytes, MarkBytes + length, count);
    }

    /// <summary>Returns the entry that starts at <paramref name="start"/>.</summary>
    private PackedEntry EntryAt(int start)
    {
        ByteReader reader = new(_bytes.AsSpan(start, _end - start));
        HistoryKey key = HistoryKey.Read(ref reader);
        int head = reader.Position;
        InteractionPayload.Read(ref reader);
        if (reader.IsBroken)
        {
            throw new CorruptRecordException("the bytes of a profile's history are corrupt");
        }

        int length = reader.Position;
        return new PackedEntry(key, start, start + head, start + length, start + SizeOf(length));
    }

    private ReadOnlySpan<byte> BodyOf(PackedEntry entry) => _bytes.AsSpan(entry.BodyStart, entry.BodyEnd - entry.BodyStart);

    /// <summary>Returns the largest number of bytes that an interaction with a body takes.</summary>
    private static int SizeMax(ReadOnlySpan<byte> body) => SizeOf(HistoryKey.BytesMax + body.Length);

    private static int SizeOf(int length) => length + Varints.SizeOf((ulong)length);

    private static void Write(Span<byte> entry, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body)
    {
        head.CopyTo(entry);
        body.CopyTo(entry[head.Length..]);
        entry[head.Length] &= unchecked((byte)~InteractionPayload.HasContext);
        int length = head.Length + body.Length;
        WriteTrailer(entry[length..], length);
    }

    private static void WriteTrailer(Span<byte> trailer, int length)
    {
        for (int i = trailer.Length - 1; i >= 0; i--)
        {
            trailer[i] = (byte)((length & 0x7F) | (i > 0 ? 0x80 : 0));
            length >>= 7;
        }
    }

    private static bool TrailerIs(ReadOnlySpan<byte> trailer, int length)
    {
        Span<byte> expected = stackalloc byte[trailer.Length];
        WriteTrailer(expected, length);
        return trailer.SequenceEqual(expected);
    }

    private static byte[] NewArray(int length, int room = 0)
    {
        byte[] bytes = GC.AllocateUninitializedArray<byte>(MarkBytes + length + room);
        MarkOf(bytes) = MarkBytes + length;
        return bytes;
    }

    private static ref int MarkOf(byte[] bytes) => ref MemoryMarshal.Cast<byte, int>(bytes.AsSpan())[0];
}
