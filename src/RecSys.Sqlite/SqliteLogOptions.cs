using System.ComponentModel.DataAnnotations;

namespace RecSys.Sqlite;

/// <summary>Options of the interaction log on SQLite. Section <c>recsys:sqlite:log</c>.</summary>
public sealed class SqliteLogOptions
{
    /// <summary>Path of the section in appsettings.json.</summary>
    public const string Section = "recsys:sqlite:log";

    /// <summary>Name of the file in a data folder.</summary>
    public const string FileName = "log.db";

    /// <summary>Gets or sets the path of the file; its folder is created.</summary>
    /// <value>No default; the composition root sets it.</value>
    [Required]
    public string Path { get; set; } = "";

    /// <summary>Gets or sets the largest number of records that may be queued; further ones are refused as overload.</summary>
    /// <value>The default is 200,000; 1 to 10,000,000.</value>
    [Range(1, 10_000_000)]
    public int QueueRecordsMax { get; set; } = 200_000;

    /// <summary>Gets or sets the largest number of encoded bytes that may be queued; further ones are refused as overload.</summary>
    /// <value>The default is 64 MiB; 4 MiB to 1 GiB.</value>
    [Range(4L << 20, 1L << 30)]
    public long QueueBytesMax { get; set; } = 64L << 20;

    /// <summary>Gets or sets the largest number of bytes of the newest records that are kept in memory, so that reads at the end of the log need no file access.</summary>
    /// <value>The default is 16 MiB; 0 to 1 GiB.</value>
    [Range(0L, 1L << 30)]
    public long TailBytesMax { get; set; } = 16L << 20;

    /// <summary>Gets or sets the number of connections for reads; further reads of records that are not in memory wait for one.</summary>
    /// <value>The default is 8; 1 to 256.</value>
    [Range(1, 256)]
    public int ReadersMax { get; set; } = 8;
}
