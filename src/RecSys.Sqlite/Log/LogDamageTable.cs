using System.Collections.Immutable;
using RecSys.Core.Log;
using RecSys.Sqlite.Storage;

namespace RecSys.Sqlite.Log;

/// <summary>Stores the known damage of a log in its file, so that it is known after a restart. Called on the writer's thread.</summary>
internal sealed class LogDamageTable(LogIntegrity integrity)
{
    /// <summary>Definition of the table.</summary>
    public const string Table = "CREATE TABLE damage(first_offset INTEGER PRIMARY KEY, next_offset INTEGER NOT NULL, kind INTEGER NOT NULL)";

    /// <summary>Adds the stored damage to the known damage.</summary>
    public void Opened(SqliteDatabase database)
    {
        using SqliteStatement kept = database.Prepare("SELECT first_offset, next_offset, kind FROM damage");
        while (kept.Step())
        {
            (long from, long until, long kind) = (kept.Integer(0), kept.Integer(1), kept.Integer(2));
            if (from >= 0 && until > from && kind is (long)LogDamageKind.Corrupt or (long)LogDamageKind.Missing or (long)LogDamageKind.Unreadable)
            {
                integrity.Add(new LogDamage(0, from, until, (LogDamageKind)kind));
            }
        }
    }

    /// <summary>Stores the known damage.</summary>
    public void Save(SqliteDatabase database)
    {
        ImmutableArray<LogDamage> places = integrity.Places;
        database.Transact(() =>
        {
            using SqliteStatement insert = database.Prepare("INSERT OR REPLACE INTO damage(first_offset, next_offset, kind) VALUES(?1, ?2, ?3)");
            foreach (LogDamage place in places)
            {
                insert.Bind(1, place.From);
                insert.Bind(2, place.Until);
                insert.Bind(3, (long)place.Kind);
                insert.Run();
            }
        });
    }
}
