namespace RecSys.Cli.Import;

/// <summary>Result of the import of a file.</summary>
internal sealed class ImportSummary(ImportPart part)
{
    /// <summary>The largest number of causes of refusals that are counted separately; further ones are counted together.</summary>
    public const int CausesMax = 50;

    private readonly Dictionary<string, Cause> _causes = new(StringComparer.Ordinal);

    /// <summary>Gets the file.</summary>
    public ImportPart Part { get; } = part;

    /// <summary>Gets or sets the number of stored rows.</summary>
    public long Stored { get; set; }

    /// <summary>Gets a sample of the ids of stored rows.</summary>
    public StoredIds Ids { get; } = new();

    /// <summary>Gets or sets the number of stored rows that count once if they are imported again: all but interactions without an id. Never more than <see cref="Stored"/>.</summary>
    public long StoredWithId { get; set; }

    /// <summary>Gets the number of refused rows.</summary>
    public long Refused { get; private set; }

    /// <summary>Gets the number of rows that repeat an id with the same content, and are not sent again.</summary>
    public long Duplicates { get; private set; }

    /// <summary>Gets the number of rows that repeat an id with other content, and are not stored.</summary>
    public long Conflicts { get; private set; }

    /// <summary>Gets the line of the first conflict.</summary>
    public long FirstConflict { get; private set; }

    /// <summary>Gets or sets the number of rows that the user's options leave out.</summary>
    public long LeftOut { get; set; }

    /// <summary>Gets or sets why the file was not read to its end; null if it was.</summary>
    public string? Fault { get; set; }

    /// <summary>Gets the causes of refusals, the most frequent first.</summary>
    public IEnumerable<Cause> Causes => _causes.Values.OrderByDescending(cause => cause.Count);

    /// <summary>Gets or sets the position of the last row in the log; null if none was stored.</summary>
    public string? Position { get; set; }

    /// <summary>Gets or sets the duration of the import.</summary>
    public TimeSpan Elapsed { get; set; }

    /// <summary>Gets the number of rows that were read.</summary>
    public long Rows => Stored + Refused + Conflicts + Duplicates + LeftOut;

    /// <summary>Returns whether the command fails: too many rows were refused, or the file was cut short.</summary>
    /// <param name="allowRefused">The share of refused rows that is allowed, 0 to 1.</param>
    public bool IsFailed(double allowRefused) => Fault is not null || Refused + Conflicts > allowRefused * Rows;

    /// <summary>Counts refused rows with their cause; beyond <see cref="CausesMax"/> causes, the others are counted together.</summary>
    public void Refuse(long line, RowProblem problem, long rows = 1)
    {
        Refused += rows;
        string key = _causes.Count < CausesMax || _causes.ContainsKey(problem.Cause) ? problem.Cause : "other causes";
        if (!_causes.TryGetValue(key, out Cause? cause))
        {
            _causes[key] = cause = new Cause(line, key == problem.Cause ? problem.Text : "other causes");
        }

        cause.Count += rows;
    }

    /// <summary>Counts a valid row that repeats an id; such a row is not sent.</summary>
    /// <returns>Whether the row is to be sent.</returns>
    public bool Admit(long line, Repeats.Kind kind)
    {
        FirstConflict = kind == Repeats.Kind.Conflict && Conflicts == 0 ? line : FirstConflict;
        Conflicts += kind == Repeats.Kind.Conflict ? 1 : 0;
        Duplicates += kind == Repeats.Kind.Same ? 1 : 0;
        return kind == Repeats.Kind.New;
    }

    /// <summary>A cause of refusals.</summary>
    /// <param name="line">The line of the first row.</param>
    /// <param name="text">The problem of the first row.</param>
    public sealed class Cause(long line, string text)
    {
        /// <summary>Gets the line of the first row.</summary>
        public long Line { get; } = line;

        /// <summary>Gets the problem of the first row.</summary>
        public string Text { get; } = text;

        /// <summary>Gets or sets the number of rows.</summary>
        public long Count { get; set; }
    }
}
