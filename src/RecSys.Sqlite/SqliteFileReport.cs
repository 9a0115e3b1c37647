using RecSys.Core;

namespace RecSys.Sqlite;

/// <summary>Condition of a file of an installation.</summary>
public enum SqliteCondition
{
    /// <summary>The file is missing or empty.</summary>
    Missing = 0,

    /// <summary>The file can be opened.</summary>
    Sound = 1,

    /// <summary>The bytes are not a database, or a damaged one.</summary>
    Damaged = 2,

    /// <summary>The file is undamaged, but of another kind or of a newer version.</summary>
    OfAnotherKind = 3,

    /// <summary>The file cannot be read now, for instance because of permissions, a lock or a full disk.</summary>
    Unreadable = 4,
}

/// <summary>The report on one file of an installation.</summary>
/// <param name="Path">Path of the file.</param>
/// <param name="Kind">Expected kind of the file: interaction log, snapshot table, impression log.</param>
/// <param name="Condition">Condition of the file.</param>
public sealed record SqliteFileReport(string Path, string Kind, SqliteCondition Condition)
{
    /// <summary>Gets the reason why the file cannot be used, in one line; null if it can.</summary>
    public string? Problem { get; init; }

    /// <summary>Gets the installation of the file; null if the file does not have it, as with files of older programs.</summary>
    public InstallationId? Installation { get; init; }

    /// <summary>
    /// Gets, of a log, the offset that the next record will get; of states, the log's end when they were last saved, or their checkpoint in a file of an older program.
    /// Null if unknown.
    /// </summary>
    public long? LogEnd { get; init; }

    /// <summary>Gets, of states, the checksum of the log's row before <see cref="LogEnd"/> when they were last saved; null if unknown.</summary>
    public long? LogRowSum { get; init; }

    /// <summary>Gets, of a log, the time at which its newest records were appended, in milliseconds since 1970, UTC; null if unknown.</summary>
    public long? NewestMs { get; init; }

    /// <summary>Gets, of a log, the names of the files of models and aliases that it remembers; null if it remembers none.</summary>
    public IReadOnlyList<string>? Models { get; init; }

    /// <summary>Gets, of an impression log, its end; of a log, the end of the impression log that it remembers. Null if unknown.</summary>
    public SlatePosition? Slates { get; init; }

    /// <summary>Gets, of a log, how many of its records are known to be damaged.</summary>
    public long DamagedRecords { get; init; }

    /// <summary>Gets the name of the file without its folder.</summary>
    public string Name => System.IO.Path.GetFileName(Path);
}
