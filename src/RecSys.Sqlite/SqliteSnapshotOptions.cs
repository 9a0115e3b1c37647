using System.ComponentModel.DataAnnotations;

namespace RecSys.Sqlite;

/// <summary>Options of the table of states on SQLite. Section <c>recsys:sqlite:snapshots</c>.</summary>
public sealed class SqliteSnapshotOptions
{
    /// <summary>Path of the section in appsettings.json.</summary>
    public const string Section = "recsys:sqlite:snapshots";

    /// <summary>Name of the file in a data folder.</summary>
    public const string FileName = "state.db";

    /// <summary>Gets or sets the path of the file; its folder is created.</summary>
    /// <value>No default; the composition root sets it.</value>
    [Required]
    public string Path { get; set; } = "";

    /// <summary>Gets or sets the largest number of states that may be queued; further ones are refused as overload.</summary>
    /// <value>The default is 50,000; 1 to 10,000,000.</value>
    [Range(1, 10_000_000)]
    public int QueueStatesMax { get; set; } = 50_000;

    /// <summary>Gets or sets the largest number of bytes of states that may be queued; further ones are refused as overload.</summary>
    /// <value>The default is 128 MiB; 8 MiB to 4 GiB.</value>
    [Range(8L << 20, 4L << 30)]
    public long QueueBytesMax { get; set; } = 128L << 20;

    /// <summary>Gets or sets the number of connections for reads; further loads wait for one.</summary>
    /// <value>The default is 8; 1 to 256.</value>
    [Range(1, 256)]
    public int ReadersMax { get; set; } = 8;
}
