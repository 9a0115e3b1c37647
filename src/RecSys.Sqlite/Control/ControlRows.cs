using System.Text;
using RecSys.Core.Ports;
using RecSys.Sqlite.Storage;

namespace RecSys.Sqlite.Control;

/// <summary>The table <c>control</c> of a log's file. It is created by the first change: a log of an older program has none.</summary>
/// <remarks>The row with the empty key, which no caller can use, contains the last version that was given, so that no version is given twice.</remarks>
internal static class ControlRows
{
    // Greater than each key with the prefix, because keys are visible ASCII.
    private const char AfterKeys = '\u007f';

    public static ControlRow? Get(SqliteDatabase database, string key)
    {
        if (!HasTable(database))
        {
            return null;
        }

        using SqliteStatement select = database.Prepare("SELECT version, value FROM control WHERE key = ?1");
        select.BindText(1, Encoding.ASCII.GetBytes(key));
        return select.Step() ? new ControlRow(key, select.Integer(0), select.Bytes(1).ToArray()) : null;
    }

    public static IReadOnlyList<ControlRow> List(SqliteDatabase database, string prefix)
    {
        List<ControlRow> rows = [];
        if (HasTable(database))
        {
            using SqliteStatement select = database.Prepare("SELECT version, value, key FROM control WHERE key >= ?1 AND key < ?2 ORDER BY key");
            select.BindText(1, Encoding.ASCII.GetBytes(prefix));
            select.BindText(2, Encoding.ASCII.GetBytes(prefix + AfterKeys));
            while (select.Step())
            {
                rows.Add(new ControlRow(select.Text(2), select.Integer(0), select.Bytes(1).ToArray()));
            }
        }

        return rows;
    }

    /// <summary>Sets a row inside a transaction.</summary>
    /// <returns>The new version; null if the row has another version than the given one.</returns>
    public static long? TrySet(SqliteDatabase database, string key, long version, ReadOnlySpan<byte> value)
    {
        database.Run("CREATE TABLE IF NOT EXISTS control(key TEXT PRIMARY KEY, version INTEGER NOT NULL, value BLOB NOT NULL) WITHOUT ROWID");
        if ((VersionOf(database, key) ?? 0) != version)
        {
            return null;
        }

        using SqliteStatement count = database.Prepare(
            "INSERT INTO control(key, version, value) VALUES('', 1, x'') ON CONFLICT(key) DO UPDATE SET version = version + 1 RETURNING version");
        count.Step();
        long next = count.Integer(0);
        using SqliteStatement set = database.Prepare("INSERT OR REPLACE INTO control(key, version, value) VALUES(?1, ?2, ?3)");
        set.BindText(1, Encoding.ASCII.GetBytes(key));
        set.Bind(2, next);
        set.BindBytes(3, value);
        set.Run();
        return next;
    }

    /// <summary>Deletes a row inside a transaction.</summary>
    public static bool TryDelete(SqliteDatabase database, string key, long version)
    {
        if (!HasTable(database) || VersionOf(database, key) != version)
        {
            return false;
        }

        using SqliteStatement delete = database.Prepare("DELETE FROM control WHERE key = ?1");
        delete.BindText(1, Encoding.ASCII.GetBytes(key));
        delete.Run();
        return true;
    }

    /// <summary>Deletes all rows whose key begins with a prefix, inside a transaction.</summary>
    public static void Delete(SqliteDatabase database, string prefix)
    {
        foreach (ControlRow row in List(database, prefix))
        {
            TryDelete(database, row.Key, row.Version);
        }
    }

    private static long? VersionOf(SqliteDatabase database, string key)
    {
        using SqliteStatement select = database.Prepare("SELECT version FROM control WHERE key = ?1");
        select.BindText(1, Encoding.ASCII.GetBytes(key));
        return select.Step() ? select.Integer(0) : null;
    }

    private static bool HasTable(SqliteDatabase database)
    {
        using SqliteStatement table = database.Prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'control'");
        return table.Step();
    }
}
