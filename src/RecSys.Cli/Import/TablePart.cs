namespace RecSys.Cli.Import;

/// <summary>A file whose fields are detected by the names of its columns: CSV or JSON lines.</summary>
internal sealed class TablePart : ImportPart
{
    private const int SampleRows = 100;
    private const int ProgressRows = 10_000;

    private readonly Func<ITable> _open;
    private readonly ImportOptions _options;

    private TablePart(ImportKind kind, string path, ImportOptions options, Func<ITable> open)
        : base(kind, path)
    {
        _options = options;
        _open = open;
    }

    /// <summary>Returns the part of a CSV file.</summary>
    public static TablePart Csv(ImportKind kind, string path, ImportOptions options) =>
        new(kind, path, options, () => CsvTable.Open(() => ImportFile.Open(path, options.Encoding), options.HasQuotes, options.Columns, options.Separator));

    /// <summary>Returns the part of a file of JSON lines.</summary>
    public static TablePart JsonLines(ImportKind kind, string path, ImportOptions options) =>
        new(kind, path, options, () => JsonLinesTable.Open(() => ImportFile.Open(path, options.Encoding), [.. options.Map.Values]));

    /// <inheritdoc/>
    public override void Check() => Open();

    /// <inheritdoc/>
    public override ImportPlan Plan(KnownTypes types, DateTimeOffset now, Action<double>? progress = null)
    {
        (ITable table, ColumnMap? map) = Open();
        if (map is null)
        {
            return new ImportPlan(table.Format, table.Read(new Reading()).LongCount(), new Detection(), new Reading(), reading => RowsWithoutColumns(table, reading));
        }

        IRowReader reader = Kind switch
        {
            ImportKind.Interactions => new InteractionReader(map, _options, types),
            ImportKind.Items => new ItemReader(map, _options),
            _ => new UserReader(map, _options),
        };
        NullWords nulls = new(_options.Nulls, column => Kind != ImportKind.Interactions || map.FieldOf(column) is not null);
        Reading scan = new();
        long rows = 0;
        long readable = 0;
        foreach (TableRow row in table.Read(scan))
        {
            rows++;
            if (row.Problem is null)
            {
                nulls.Apply(row.Cells);
                nulls.Observe(row.Cells);
                if (map.ProblemOf(row.Cells, nulls) is null)
                {
                    readable++;
                    reader.Observe(row.Cells);
                }
            }

            if (rows % ProgressRows == 0)
            {
                progress?.Invoke(scan.Share);
            }
        }

        // The columns are not described if no row can be read.
        Detection found = readable == 0 && rows > 0 ? new Detection() : reader.Detect(readable, now);
        if (nulls.Warning(map.Headers) is { } warning)
        {
            found.Warnings.Add(warning);
        }

        return new ImportPlan(table.Format, rows, found, scan, reading => Rows(table, map, nulls, reader, reading));
    }

    // The lines of a file of which no line is an object with members.
    private static IEnumerable<ImportRow> RowsWithoutColumns(ITable table, Reading reading) =>
        table.Read(reading).Select(row => new ImportRow(row.Line, null, row.Problem ?? new RowProblem("is an object without members")));

    private static IEnumerable<ImportRow> Rows(ITable table, ColumnMap map, NullWords nulls, IRowReader reader, Reading reading)
    {
        foreach (TableRow row in table.Read(reading))
        {
            nulls.Apply(row.Cells);
            (object? body, RowProblem? problem) = (row.Problem ?? map.ProblemOf(row.Cells, nulls)) is { } wrong ? (null, wrong) : reader.Parse(row.Cells);
            yield return new ImportRow(row.Line, body, problem);
        }
    }

    private (ITable Table, ColumnMap? Map) Open()
    {
        try
        {
            ITable table = _open();
            if (table.Columns.Count == 0)
            {
                return (table, null); // an empty file of JSON lines
            }

            Cell[][] sample = [.. table.Read(new Reading()).Take(SampleRows).Where(row => row.Problem is null).Select(row => (Cell[])row.Cells.Clone())];
            Array.ForEach(sample, new NullWords(_options.Nulls, _ => false).Apply);
            return (table, ColumnMap.Find(table.Columns, KnownFields.Of(Kind), _options.Map, sample, table is JsonLinesTable));
        }
        catch (CommandException error)
        {
            throw new CommandException(error.Message.Contains(Path, StringComparison.Ordinal) ? error.Message : $"{Path}: {error.Message}", error.ExitCode);
        }
    }
}
