using System.Buffers.Binary;
using RecSys.Core.Log;
using RecSys.Sqlite.Log;
using RecSys.Sqlite.Storage;
using Xunit;

namespace RecSys.Sqlite.Tests;

/// <summary>Reads and changes rows of a log's file without the log.</summary>
internal static class StoredChunks
{
    public static StoredChunk Read(SqliteDatabase file, long first)
    {
        using SqliteStatement select = file.Prepare("SELECT count, bytes, appended_ms, head_sum FROM chunks WHERE first_offset = ?1");
        select.Bind(1, first);
        Assert.True(select.Step());
        return new StoredChunk(first, select.Integer(0), select.Bytes(1).ToArray(), select.Integer(2)) { HasSums = !select.IsNull(3) };
    }

    public static void Insert(SqliteDatabase file, StoredChunk chunk)
    {
        using SqliteStatement insert = file.Prepare("INSERT OR REPLACE INTO chunks(first_offset, count, bytes, appended_ms, head_sum) VALUES(?1, ?2, ?3, ?4, ?5)");
        insert.Bind(1, chunk.First);
        insert.Bind(2, chunk.Count);
        insert.BindBytes(3, chunk.Bytes);
        insert.Bind(4, chunk.AppendedMs ?? 0);
        insert.Bind(5, StoredChunk.HeadSum(chunk.First, chunk.Count, chunk.Bytes.Length, chunk.AppendedMs ?? 0));
        insert.Run();
    }

    /// <summary>Flips one bit of a chunk's bytes.</summary>
    public static void FlipBit(SqliteDatabase file, long first, int at, int bit = 0)
    {
        using SqliteBlob row = file.OpenBlob("chunks", first);
        byte[] one = new byte[1];
        row.Read(one, at);
        one[0] ^= (byte)(1 << bit);
        row.Write(one, at);
    }

    /// <summary>Gives a record another kind, as a newer program would write it: with the right checksum.</summary>
    public static void SetKind(SqliteDatabase file, long first, int index, byte kind)
    {
        StoredChunk chunk = Read(file, first);
        int at = PlacesOf(chunk)[index].At;
        int length = PlacesOf(chunk)[index].Length;
        chunk.Bytes[at + 1] = kind;
        BinaryPrimitives.WriteUInt32LittleEndian(chunk.Bytes.AsSpan(at - sizeof(uint)), LogChecksum.OfRecord(chunk.Bytes.AsSpan(at, length)));
        Insert(file, chunk);
    }

    public static List<(int At, int Length)> PlacesOf(StoredChunk chunk)
    {
        List<(int At, int Length)> places = [];
        foreach ((int at, int length) in chunk.Records())
        {
            places.Add((at, length));
        }

        return places;
    }
}
