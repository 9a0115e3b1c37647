using System.ComponentModel.DataAnnotations;

namespace RecSys.Sqlite;

/// <summary>Options of the impression log on SQLite. Section <c>recsys:sqlite:impressions</c>.</summary>
public sealed class SqliteImpressionOptions
{
    /// <summary>Path of the section in appsettings.json.</summary>
    public const string Section = "recsys:sqlite:impressions";

    /// <summary>Name of the file in a data folder.</summary>
    public const string FileName = "impressions.db";

    /// <summary>Gets or sets the path of the file; its folder is created.</summary>
    /// <value>No default; the composition root sets it.</value>
    [Required]
    public string Path { get; set; } = "";

    /// <summary>Gets or sets the largest number of slates that may wait to be written; further slates are not recorded.</summary>
    /// <value>The default is 20,000; 1 to 1,000,000.</value>
    [Range(1, 1_000_000)]
    public int QueueSlatesMax { get; set; } = 20_000;

    /// <summary>Gets or sets the largest number of bytes of encoded slates that may wait to be written; further slates are not recorded.</summary>
    /// <value>The default is 64 MiB; 1 MiB to 1 GiB.</value>
    [Range(1L << 20, 1L << 30)]
    public long QueueBytesMax { get; set; } = 64L << 20;

    /// <summary>Gets or sets the time for which slates are collected before they are written together, which reduces syncs; they are written earlier at a flush or if the queue is half full.</summary>
    /// <value>The default is 500 ms; 0 to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan Gather { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Gets or sets the number of slates that are kept. They are stored in 64 segments, and the oldest segment is deleted first.</summary>
    /// <value>The default is 10,000,000; 64 to 10,000,000,000.</value>
    [Range(SqliteImpressionLog.SegmentCount, 10_000_000_000L)]
    public long SlatesMax { get; set; } = 10_000_000;

    /// <summary>Gets or sets the time for which slates are kept; whole segments are deleted, so some slates are kept longer, by the time that a segment covers.</summary>
    /// <value>The default is 30 days; 1 hour to 10 years.</value>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00")]
    public TimeSpan AgeMax { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Gets or sets the largest number of concurrent reads; further reads wait.</summary>
    /// <value>The default is 4; 1 to 64.</value>
    [Range(1, 64)]
    public int ReadersMax { get; set; } = 4;
}
