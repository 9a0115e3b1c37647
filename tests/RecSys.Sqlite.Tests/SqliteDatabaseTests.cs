using RecSys.Sqlite.Storage;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Sqlite.Tests;

/// <summary>Tests the settings of a file that is opened for writing. A killed process does not show whether a commit is synced, because the operating system keeps written bytes.</summary>
public sealed class SqliteDatabaseTests
{
    public static TheoryData<string> Kinds => ["log", "states", "impressions"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_commit_is_synced_and_deleted_bytes_are_overwritten(string kind)
    {
        using DataFolder folder = new();
        SqliteFormat format = kind switch
        {
            "log" => SqliteInteractionLog.Format,
            "states" => SqliteSnapshotTable.Format,
            _ => SqliteImpressionLog.Format,
        };
        using SqliteDatabase database = SqliteDatabase.OpenWriter(folder.File("file.db"), format);

        const int Full = 2;
        Assert.Equal(Full, Pragma(database, "synchronous"));
        Assert.Equal(1, Pragma(database, "secure_delete"));

        // In a write-ahead log FULL syncs each commit; NORMAL syncs only at checkpoints.
        Assert.True(File.Exists(folder.File("file.db-wal")));
    }

    private static long Pragma(SqliteDatabase database, string name)
    {
        using SqliteStatement statement = database.Prepare($"PRAGMA {name}");
        Assert.True(statement.Step());
        return statement.Integer(0);
    }
}
