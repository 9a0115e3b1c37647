namespace RecSys.Cli.Import;

/// <summary>One pass over a file.</summary>
internal sealed class Reading
{
    /// <summary>Gets or sets the share of the file that was read, 0 to 1.</summary>
    public double Share { get; set; }

    /// <summary>Gets or sets why the file could not be read to its end; null if it could.</summary>
    public string? Fault { get; set; }

    /// <summary>Gets or sets the number of rows whose quotes do not follow the rules of CSV and were read as ordinary characters.</summary>
    public long LiteralQuotes { get; set; }

    /// <summary>Gets or sets the number of rows that span several lines.</summary>
    public long ManyLines { get; set; }
}
