using System.Globalization;

namespace RecSys.Cli.Import;

/// <summary>The reports of an import before and after its writes.</summary>
internal static class ImportReport
{
    /// <summary>Writes one line per column, the assumptions and the warnings.</summary>
    public static void WritePlan(TextWriter writer, ImportPart part, ImportPlan plan)
    {
        if (plan.Found.Columns.Count == 0)
        {
            return;
        }

        writer.WriteLine($"{part.Name}: {Terminal.Number(plan.Rows)} rows of {part.Kind.ToString().ToLowerInvariant()} ({plan.Format})");
        foreach (string line in plan.Found.Columns.Concat(plan.Found.Defaults))
        {
            writer.WriteLine($"  {line}");
        }

        if (plan.Scan.ManyLines > 0)
        {
            writer.WriteLine($"  {Terminal.Number(plan.Scan.ManyLines)} rows span several lines");
        }

        if (plan.Scan.LiteralQuotes > 0)
        {
            writer.WriteLine($"  {Terminal.Number(plan.Scan.LiteralQuotes)} rows contain quotes that do not enclose a field, which are read as ordinary characters (--quotes none reads all quotes in this way)");
        }

        foreach (string warning in plan.Found.Warnings)
        {
            writer.WriteLine($"WARNING: {warning}");
        }

        if (plan.Scan.Fault is { } fault)
        {
            writer.WriteLine($"WARNING: the file could not be read to its end: {fault}");
        }
    }

    /// <summary>Writes the results of the rows.</summary>
    public static void WriteResults(Terminal terminal, IReadOnlyList<ImportSummary> summaries)
    {
        terminal.Table(
            ["file", "kind", ">stored", ">refused", ">seconds", ">rows/s"],
            summaries.Select(summary => new[]
            {
                summary.Part.ShortName,
                summary.Part.Kind.ToString().ToLowerInvariant(),
                Terminal.Number(summary.Stored),
                Terminal.Number(summary.Refused),
                Terminal.Number(summary.Elapsed.TotalSeconds, 1),
                Terminal.Number((long)(summary.Stored / Math.Max(summary.Elapsed.TotalSeconds, 0.001))),
            }));
        foreach (ImportSummary summary in summaries)
        {
            WriteRefusals(terminal.Error, summary);
        }
    }

    /// <summary>Writes the commands to try after interactions were stored, with a user of the file, a line each.</summary>
    /// <param name="writer">Receives the lines.</param>
    /// <param name="summaries">The files that were imported.</param>
    /// <param name="connection">The options that select this RecSys, such as <c>--data shop</c>.</param>
    public static void WriteNextCommands(TextWriter writer, IReadOnlyList<ImportSummary> summaries, string connection)
    {
        if (summaries.Select(summary => summary.Ids.User).FirstOrDefault(user => user is not null) is { } user)
        {
            writer.WriteLine($"next: recsys train {connection}");
            writer.WriteLine($"next: recsys recommend {ShellWord.Of(user)} {connection}");
        }
    }

    /// <summary>Returns a warning that a second import of the file would store rows twice, and how to avoid it; null if it would not.</summary>
    public static string? DuplicateWarning(ImportSummary summary) =>
        summary.Stored - summary.StoredWithId is > 0 and long twice
            ? $"{Terminal.Number(twice)} rows of {summary.Part.Name} without an id are stored, and would count twice if the file were imported again: import a file of the other rows only, or give all rows an id column from the start"
            : null;

    /// <summary>Returns the last line of an import that failed because too many rows were refused.</summary>
    public static string TooManyRefused(IReadOnlyList<ImportSummary> summaries, double allowed)
    {
        long rows = summaries.Sum(summary => summary.Rows);
        long refused = summaries.Sum(summary => summary.Refused + summary.Conflicts);
        string counts = $"{Terminal.Number(refused)} of {Terminal.Number(rows)} rows were refused";
        return refused == rows
            ? $"{counts}: nothing was written"
            : string.Create(CultureInfo.InvariantCulture, $"{counts}, more than {100 * allowed:0.##} %; the others are stored (--allow-refused {Math.Ceiling(100.0 * refused / rows):0}% would accept that)");
    }

    /// <summary>Writes the causes of refusals of a file, one line each.</summary>
    public static void WriteRefusals(TextWriter writer, ImportSummary summary)
    {
        if (summary is { Rows: 0, Fault: null })
        {
            writer.WriteLine($"{summary.Part.Path}: has no rows: nothing was written");
        }

        foreach (ImportSummary.Cause cause in summary.Causes)
        {
            writer.WriteLine($"{summary.Part.Path}:{cause.Line}: {cause.Text}{(cause.Count > 1 ? $" ({Terminal.Number(cause.Count)} rows)" : "")}");
        }

        if (summary.Conflicts > 0)
        {
            writer.WriteLine($"{summary.Part.Path}:{summary.FirstConflict}: {Terminal.Number(summary.Conflicts)} conflicts: rows repeat an id with other content; the first row of each id counts; if the column of ids is no id of interactions, leave it out with --map id=none");
        }

        if (summary.Duplicates > 0)
        {
            writer.WriteLine($"{summary.Part.Path}: {Terminal.Number(summary.Duplicates)} duplicates: rows repeat an id with the same content, which counts once");
        }

        if (summary.LeftOut > 0)
        {
            writer.WriteLine($"{summary.Part.Path}: {Terminal.Number(summary.LeftOut)} rows were left out (--types …=ignore)");
        }

        if (summary.Fault is { } fault)
        {
            writer.WriteLine($"{summary.Part.Path}: the file was not read to its end: {fault}");
        }
    }
}
