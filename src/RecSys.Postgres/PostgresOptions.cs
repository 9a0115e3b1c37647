using System.ComponentModel.DataAnnotations;

namespace RecSys.Postgres;

/// <summary>Options of the stores on PostgreSQL. Section <c>recsys:postgres</c>.</summary>
public sealed class PostgresOptions
{
    /// <summary>The section's path in appsettings.json.</summary>
    public const string Section = "recsys:postgres";

    /// <summary>Gets or sets the database, as <c>postgres://USER@HOST:PORT/DATABASE</c>, without a password.</summary>
    /// <value>The default is none: states are kept in the data folder. <c>?sslmode=</c> takes disable, prefer (the default), require, verify-ca or verify-full.</value>
    public string? Url { get; set; }

    /// <summary>Gets or sets the password of the user.</summary>
    /// <value>The default is none: <c>PGPASSWORD</c> or the file <c>.pgpass</c> (<c>PGPASSFILE</c>) is read.</value>
    public string? Password { get; set; }

    /// <summary>Gets or sets the schema of the tables. Each installation needs a schema of its own.</summary>
    /// <value>The default is <c>recsys</c>; a lower-case name of at most 40 letters, digits and underscores.</value>
    [RegularExpression("^[a-z_][a-z0-9_]{0,39}$", ErrorMessage = "schema must be a lower-case name of at most 40 letters, digits and underscores")]
    public string Schema { get; set; } = "recsys";

    /// <summary>Gets or sets the largest number of connections for saves and loads; further calls wait until one is free. Notices, leases and a rebuild use up to 4 more.</summary>
    /// <value>The default is 16; 2 to 500.</value>
    [Range(2, 500)]
    public int ConnectionsMax { get; set; } = 16;

    /// <summary>Gets or sets the time after which a connection that is not established fails.</summary>
    /// <value>The default is 5 s; 1 s to 2 min.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:02:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets the time after which a statement that is not answered fails.</summary>
    /// <value>The default is 15 s; 1 s to 10 min.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Gets or sets the largest number of states that may be queued or being saved; further ones are refused as overload.</summary>
    /// <value>The default is 50,000; 1 to 10,000,000.</value>
    [Range(1, 10_000_000)]
    public int QueueStatesMax { get; set; } = 50_000;

    /// <summary>Gets or sets the largest number of bytes of states that may be queued or being saved; further ones are refused as overload.</summary>
    /// <value>The default is 128 MiB; 8 MiB to 4 GiB.</value>
    [Range(8L << 20, 4L << 30)]
    public long QueueBytesMax { get; set; } = 128L << 20;

    /// <summary>Gets or sets the number of calls within 10 seconds from which on the database counts as unavailable if half of them failed. Calls then fail immediately.</summary>
    /// <value>The default is 4; 2 to 1,000.</value>
    [Range(2, 1_000)]
    public int CallsBeforeAway { get; set; } = 4;

    /// <summary>Gets or sets the time after which one call is sent to a database that counts as unavailable, to find out whether it answers again.</summary>
    /// <value>The default is 2 s; 500 ms to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.500", "00:01:00")]
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(2);
}
