using RecSys.Core;

namespace RecSys.Sqlite;

/// <summary>In what condition a file of an installation is.</summary>
public enum SqliteCondition
{
    /// <summary>There is no file, or an empty one.</summary>
    Missing = 0,

    /// <summary>It can be opened.</summary>
    Sound = 1,

    /// <summary>Its bytes are no database, or a damaged one.</summary>
    Damaged = 2,

    /// <summary>It is a sound file of another kind, or of a newer version.</summary>
    OfAnotherKind = 3,

    /// <summary>It cannot be read now: permissions, a lock, a full disk.</summary>
    Unreadable = 4,
}

/// <summary>What was found of one file of an installation.</summary>
/// <param name="Path">The file.</param>
/// <param name="Kind">What the file should hold: interaction log, snapshot table, impression log.</param>
/// <param name="Condition">In what condition it is.</param>
public sealed record SqliteFileReport(string Path, string Kind, SqliteCondition Condition)
{
    /// <summary>Gets why it is not sound, in one line; null where it is.</summary>
    public string? Problem { get; init; }

    /// <summary>Gets whose it is; null where it does not say, as files of older programs do not.</summary>
    public InstallationId? Installation { get; init; }

    /// <summary>
    /// Gets, of a log, the offset that the next record will get; of states, the offset before which the log's records may be in them.
    /// Null where nothing is known.
    /// </summary>
    public long? LogEnd { get; init; }

    /// <summary>Gets, of a log, when its newest records were appended, in milliseconds since 1970, UTC; null where it does not say.</summary>
    public long? NewestMs { get; init; }

    /// <summary>Gets, of a log, how many of its records are known to be damaged.</summary>
    public long DamagedRecords { get; init; }

    /// <summary>Gets the name of the file without its folder.</summary>
    public string Name => System.IO.Path.GetFileName(Path);
}
