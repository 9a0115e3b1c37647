using System.Buffers.Binary;

namespace RecSys.Sqlite.Storage;

/// <summary>The format of a file: its kind and version, stored in the table <c>meta</c>, and its tables.</summary>
/// <param name="Kind">Kind of the file.</param>
/// <param name="Version">The version that this program writes; it reads this and older ones.</param>
/// <param name="PageBytes">Page size of a new file.</param>
/// <param name="CheckpointBytes">Size of the write-ahead log at which it is written to the main file.</param>
/// <param name="Tables">Statements that create the tables of a new file.</param>
/// <param name="Upgrades">Statements that upgrade a file from version 1 to 2, from 2 to 3 and so on.</param>
internal sealed record SqliteFormat(string Kind, int Version, int PageBytes, int CheckpointBytes, string Tables, params string[] Upgrades)
{
    private static ReadOnlySpan<byte> KindName => "kind"u8;

    private static ReadOnlySpan<byte> VersionName => "version"u8;

    /// <summary>Throws if a file is of another kind or a newer version, before it is changed.</summary>
    public void Check(SqliteDatabase database)
    {
        (long count, bool hasMeta) = TablesOf(database);
        if (count == 0)
        {
            return;
        }

        string? kind = hasMeta && TryGetMeta(database, KindName) is { } kindBytes ? System.Text.Encoding.UTF8.GetString(kindBytes) : null;
        if (kind != Kind)
        {
            throw new NotSupportedException($"{database.Path} is not a RecSys file of the kind {Kind}{(kind is null ? "" : $", but of the kind {kind}")}");
        }

        if (VersionOf(database) is var version && version > Version)
        {
            throw new NotSupportedException(
                $"{database.Path} is a {Kind} of format version {version}; this program supports versions up to {Version}: use the program that wrote it, or a newer one");
        }
    }

    /// <summary>Returns whether a file has tables; a file that was only created has none.</summary>
    public static bool HasTables(SqliteDatabase database) => TablesOf(database).Count > 0;

    /// <summary>Returns whether a file has the version that this program writes.</summary>
    public bool IsOfThisVersion(SqliteDatabase database) => VersionOf(database) == Version;

    /// <summary>Creates the missing tables, and upgrades an older file to this version.</summary>
    public void Create(SqliteDatabase database) =>
        database.Transact(() =>
        {
            database.Run("CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID");
            int before = VersionOf(database);
            if (before == Version)
            {
                return;
            }

            if (before == 0)
            {
                database.Run(Tables);
                SetMeta(database, KindName, System.Text.Encoding.UTF8.GetBytes(Kind));
            }

            foreach (string upgrade in before == 0 ? [] : Upgrades[(before - 1)..])
            {
                database.Run(upgrade);
            }

            byte[] now = new byte[sizeof(int)];
            BinaryPrimitives.WriteInt32LittleEndian(now, Version);
            ReplaceMeta(database, VersionName, now);
        });

    /// <summary>Returns a value of the table <c>meta</c>; null if it is not set.</summary>
    public static byte[]? TryGetMeta(SqliteDatabase database, ReadOnlySpan<byte> name)
    {
        using SqliteStatement select = database.Prepare("SELECT value FROM meta WHERE name = ?1");
        select.BindText(1, name);
        return select.Step() ? select.Bytes(0).ToArray() : null;
    }

    /// <summary>Sets a value of the table <c>meta</c>, and replaces the one before.</summary>
    public static void ReplaceMeta(SqliteDatabase database, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        using SqliteStatement set = database.Prepare("INSERT OR REPLACE INTO meta(name, value) VALUES(?1, ?2)");
        set.BindText(1, name);
        set.BindBytes(2, value);
        set.Run();
    }

    private static (long Count, bool HasMeta) TablesOf(SqliteDatabase database)
    {
        using SqliteStatement tables = database.Prepare("SELECT count(*), total(name = 'meta') FROM sqlite_schema WHERE type = 'table'");
        tables.Step();
        return (tables.Integer(0), tables.Integer(1) == 1);
    }

    /// <summary>Returns the version of a file; 0 if it has none yet.</summary>
    private static int VersionOf(SqliteDatabase database) =>
        TryGetMeta(database, VersionName) is { Length: sizeof(int) } bytes ? BinaryPrimitives.ReadInt32LittleEndian(bytes) : 0;

    /// <summary>Sets a value of the table <c>meta</c> unless it is set.</summary>
    public static void SetMeta(SqliteDatabase database, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        using SqliteStatement insert = database.Prepare("INSERT OR IGNORE INTO meta(name, value) VALUES(?1, ?2)");
        insert.BindText(1, name);
        insert.BindBytes(2, value);
        insert.Run();
    }
}
