namespace RecSys.Cli.Import;

/// <summary>How a file is read: said before anything is written.</summary>
internal sealed class Understanding
{
    /// <summary>Gets a line a column: its name, an arrow, and the field.</summary>
    public List<string> Columns { get; } = [];

    /// <summary>Gets what is assumed because the file does not say it.</summary>
    public List<string> Defaults { get; } = [];

    /// <summary>Gets what looks wrong.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>Gets or sets why nothing is written; null if the import goes on.</summary>
    public string? Refusal { get; set; }
}
