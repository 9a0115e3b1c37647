using System.ComponentModel.DataAnnotations;

namespace RecSys.Sqlite;

/// <summary>How states of actors are kept on SQLite. Section <c>recsys:sqlite:snapshots</c>.</summary>
public sealed class SqliteSnapshotOptions
{
    /// <summary>The section's path in appsettings.json.</summary>
    public const string Section = "recsys:sqlite:snapshots";

    /// <summary>The file's name in a data folder.</summary>
    public const string FileName = "state.db";

    /// <summary>Gets or sets the file; its folder is made.</summary>
    /// <value>No default: the composition root names it.</value>
    [Required]
    public string Path { get; set; } = "";

    /// <summary>Gets or sets how many states may wait to be saved; more are refused as overload.</summary>
    /// <value>The default is 50,000; 1 to 10,000,000.</value>
    [Range(1, 10_000_000)]
    public int QueueStatesMax { get; set; } = 50_000;

    /// <summary>Gets or sets how many bytes of states may wait to be saved; more are refused as overload.</summary>
    /// <value>The default is 128 MiB; 8 MiB to 4 GiB.</value>
    [Range(8L << 20, 4L << 30)]
    public long QueueBytesMax { get; set; } = 128L << 20;

    /// <summary>Gets or sets how many connections read at once; further loads wait for one.</summary>
    /// <value>The default is 8; 1 to 256.</value>
    [Range(1, 256)]
    public int ReadersMax { get; set; } = 8;
}
