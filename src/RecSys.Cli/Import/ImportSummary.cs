namespace RecSys.Cli.Import;

/// <summary>What became of the rows of one file.</summary>
internal sealed class ImportSummary(ImportPart part)
{
    /// <summary>How many refused rows are told one by one.</summary>
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

    /// <summary>Where the last row stands in the log; null if none was taken.</summary>
    public string? Position { get; set; }

    /// <summary>How long it took.</summary>
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
