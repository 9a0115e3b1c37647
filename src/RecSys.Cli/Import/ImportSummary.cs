namespace RecSys.Cli.Import;

/// <summary>Result of the import of a file.</summary>
internal sealed class ImportSummary(ImportPart part)
{
    /// <summary>The most refused rows that are reported one by one.</summary>
    public const int RefusedShownMax = 20;

    private readonly List<(long Line, string Problem)> _shown = [];

    /// <summary>The file.</summary>
    public ImportPart Part { get; } = part;

    /// <summary>Rows that are durable.</summary>
    public long Taken { get; set; }

    /// <summary>Rows that are not.</summary>
    public long Refused { get; private set; }

    /// <summary>The first refused rows, each with its line and reason.</summary>
    public IReadOnlyList<(long Line, string Problem)> Shown => _shown;

    /// <summary>Gets the position of the last row in the log; null if none was stored.</summary>
    public string? Position { get; set; }

    /// <summary>Gets the duration.</summary>
    public TimeSpan Elapsed { get; set; }

    /// <summary>Notes a refused row.</summary>
    public void Refuse(long line, string problem)
    {
        Refused++;
        if (_shown.Count < RefusedShownMax)
        {
            _shown.Add((line, problem));
        }
    }
}
