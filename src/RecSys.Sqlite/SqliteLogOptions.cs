using System.ComponentModel.DataAnnotations;

namespace RecSys.Sqlite;

/// <summary>How the interaction log is kept on SQLite. Section <c>recsys:sqlite:log</c>.</summary>
public sealed class SqliteLogOptions
{
    /// <summary>The section's path in appsettings.json.</summary>
    public const string Section = "recsys:sqlite:log";

    /// <summary>The file's name in a data folder.</summary>
    public const string FileName = "log.db";

    /// <summary>Gets or sets the file; its folder is made.</summary>
    /// <value>No default: the composition root names it.</value>
    [Required]
    public string Path { get; set; } = "";

    /// <summary>Gets or sets how many records may wait to be durable; more are refused as overload.</summary>
    /// <value>The default is 200,000; 1 to 10,000,000.</value>
    [Range(1, 10_000_000)]
    public int QueueRecordsMax { get; set; } = 200_000;

    /// <summary>Gets or sets how many encoded bytes may wait to be durable; more are refused as overload.</summary>
    /// <value>The default is 64 MiB; 4 MiB to 1 GiB.</value>
    [Range(4L << 20, 1L << 30)]
    public long QueueBytesMax { get; set; } = 64L << 20;

    /// <summary>Gets or sets how many bytes of the newest records are kept in memory, so that who reads at the end touches no file.</summary>
    /// <value>The default is 16 MiB; 0 to 1 GiB.</value>
    [Range(0L, 1L << 30)]
    public long TailBytesMax { get; set; } = 16L << 20;

    /// <summary>Gets or sets how many connections read at once; further reads of what is not in the tail wait for one.</summary>
    /// <value>The default is 8; 1 to 256.</value>
    [Range(1, 256)]
    public int ReadersMax { get; set; } = 8;
}
