using SQLitePCL;

namespace RecSys.Sqlite.Storage;

/// <summary>The bytes of one row at a time, for reading and overwriting in place.</summary>
internal sealed class SqliteBlob(SqliteDatabase database, sqlite3_blob handle) : IDisposable
{
    private static readonly byte[] Zeros = new byte[16_384];

    public int Length => raw.sqlite3_blob_bytes(handle);

    public void MoveTo(long rowId) => database.Check(raw.sqlite3_blob_reopen(handle, rowId));

    public void Read(Span<byte> into, int offset) => database.Check(raw.sqlite3_blob_read(handle, into, offset));

    public void Write(ReadOnlySpan<byte> bytes, int offset)
    {
        if (!bytes.IsEmpty)
        {
            database.Check(raw.sqlite3_blob_write(handle, bytes, offset));
        }
    }

    public void Clear(int from, int to)
    {
        while (from < to)
        {
            int length = Math.Min(Zeros.Length, to - from);
            Write(Zeros.AsSpan(0, length), from);
            from += length;
        }
    }

    public void Dispose() => handle.Dispose();
}
