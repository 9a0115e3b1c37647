namespace RecSys.Cli.Import;

/// <summary>The detected reading of a file, which is reported before the first write.</summary>
internal sealed class Understanding
{
    /// <summary>Gets one line per column: its name, an arrow, and the field.</summary>
    public List<string> Columns { get; } = [];

    /// <summary>Gets the assumptions for values that the file lacks.</summary>
    public List<string> Defaults { get; } = [];

    /// <summary>Gets the warnings.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>Gets or sets why nothing is written; null if the import continues.</summary>
    public string? Refusal { get; set; }
}
