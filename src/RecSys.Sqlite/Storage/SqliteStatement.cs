using SQLitePCL;

namespace RecSys.Sqlite.Storage;

/// <summary>One prepared statement of one connection. Parameters count from 1, columns from 0.</summary>
internal sealed class SqliteStatement(SqliteDatabase database, sqlite3_stmt handle) : IDisposable
{
    public void Bind(int index, long value) => database.Check(raw.sqlite3_bind_int64(handle, index, value));

    public void BindBytes(int index, ReadOnlySpan<byte> value) => database.Check(raw.sqlite3_bind_blob(handle, index, value));

    public void BindText(int index, ReadOnlySpan<byte> utf8) => database.Check(raw.sqlite3_bind_text(handle, index, utf8));

    /// <summary>Moves to the next row; returns false after the last.</summary>
    public bool Step()
    {
        int code = raw.sqlite3_step(handle);
        if (code is raw.SQLITE_ROW)
        {
            return true;
        }

        if (code is not raw.SQLITE_DONE)
        {
            raw.sqlite3_reset(handle);
            database.Check(code);
        }

        return false;
    }

    /// <summary>Runs a statement that returns no rows.</summary>
    public void Run()
    {
        Step();
        Reset();
    }

    public bool IsNull(int column) => raw.sqlite3_column_type(handle, column) == raw.SQLITE_NULL;

    public long Integer(int column) => raw.sqlite3_column_int64(handle, column);

    /// <summary>Returns the bytes of a column, valid until the next step or reset.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(handle, column);

    public string Text(int column) => raw.sqlite3_column_text(handle, column).utf8_to_string();

    /// <summary>Resets the statement, so that the connection keeps no snapshot of the file.</summary>
    public void Reset() => raw.sqlite3_reset(handle);

    public void Dispose() => handle.Dispose();
}
