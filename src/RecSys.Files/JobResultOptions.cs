using System.ComponentModel.DataAnnotations;

namespace RecSys.Files;

/// <summary>The time for which results of jobs are kept as files, and their limits. Section <c>recsys:jobResults</c>.</summary>
public sealed class JobResultOptions
{
    /// <summary>The section's path in appsettings.json.</summary>
    public const string Section = "recsys:jobResults";

    /// <summary>Gets or sets the time for which a result can be fetched.</summary>
    /// <value>The default is 1 h; 1 min to 7 days.</value>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00")]
    public TimeSpan KeptFor { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Gets or sets the largest number of results that are kept; a further one replaces the oldest.</summary>
    /// <value>The default is 8; 1 to 100.</value>
    [Range(1, 100)]
    public int CountMax { get; set; } = 8;

    /// <summary>Gets or sets the largest number of bytes of all results together; the oldest are deleted to make room, and a job whose result alone is larger fails.</summary>
    /// <value>The default is 8 GiB; 1 MiB to 1 TiB.</value>
    [Range(1L << 20, 1L << 40)]
    public long BytesMax { get; set; } = 8L << 30;
}
