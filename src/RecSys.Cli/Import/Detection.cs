namespace RecSys.Cli.Import;

/// <summary>The result of the first pass over a file: the fields of its columns, assumptions and warnings. It is printed before the first write.</summary>
internal sealed class Detection
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
