using System.CommandLine;
using RecSys.Cli.Hosting;
using RecSys.Cli.Import;

namespace RecSys.Cli.Commands;

/// <summary><c>recsys import</c>: appends the rows of a file to the log.</summary>
internal static class ImportCommand
{
    public static Command Create(Shared shared, Terminal terminal, TimeProvider time)
    {
        Argument<ImportKind> kind = new("kind") { Description = "The kind of the rows. All kinds of a MovieLens folder are imported.", HelpName = "interactions|items|users" };
        Argument<string> file = new("file") { Description = "The file, or the data set's folder.", HelpName = "FILE" };
        Option<string?> format = new("--format") { Description = "The format; the default depends on the file's name.", HelpName = "csv|jsonl|movielens-100k|movielens" };
        format.AcceptOnlyFromAmong(ImportFormat.Names);
        Option<string?> map = new("--map") { Description = "The CSV columns of fields, if their names differ.", HelpName = "userId=user,itemId=sku" };
        Option<string?> type = new("--type") { Description = "The type of interactions in a CSV without a column for it.", HelpName = "TYPE" };
        Option<bool> strict = new("--strict") { Description = "Stop at the first row that is refused." };
        Command command = Shared.Command(
            "import",
            "Import interactions, items or users from a file.",
            "import interactions events.csv --map userId=customer,itemId=sku,type=action");
        command.Arguments.Add(kind);
        command.Arguments.Add(file);
        command.Options.Add(format);
        command.Options.Add(map);
        command.Options.Add(type);
        command.Options.Add(strict);
        shared.AddConnection(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            IReadOnlyList<ImportPart> parts = ImportFormat.Parts(
                parsed.GetValue(format),
                parsed.GetValue(kind),
                parsed.GetValue(file)!,
                ColumnMap.Parse(parsed.GetValue(map)),
                parsed.GetValue(type));
            await using Session session = await shared.OpenAsync(parsed, cancellationToken, makesFolder: true);
            Importer importer = new(session.Client, time);
            List<ImportSummary> summaries = [];
            foreach (ImportPart part in parts)
            {
                string name = Path.GetFileName(part.Path);
                summaries.Add(await ProgressLine.RunAsync(
                    terminal,
                    time,
                    $"importing {name}",
                    report => importer.RunAsync(
                        part,
                        parsed.GetValue(strict),
                        new SynchronousProgress<(double Share, ImportSummary Summary)>(at => report(at.Share, $"{Terminal.Number(at.Summary.Taken)} rows")),
                        cancellationToken)));
            }

            Print(terminal, summaries);
            return summaries.Sum(summary => summary.Taken) == 0 && summaries.Exists(summary => summary.Refused > 0)
                ? ExitCodes.Failed
                : ExitCodes.Done;
        });
        return command;
    }

    private static void Print(Terminal terminal, List<ImportSummary> summaries)
    {
        terminal.Table(
            ["file", "rows", ">taken", ">refused", ">seconds", ">rows/s"],
            summaries.Select(summary => new[]
            {
                Path.GetFileName(summary.Part.Path),
                summary.Part.Kind.ToString().ToLowerInvariant(),
                Terminal.Number(summary.Taken),
                Terminal.Number(summary.Refused),
                Terminal.Number(summary.Elapsed.TotalSeconds, 1),
                Terminal.Number((long)(summary.Taken / Math.Max(summary.Elapsed.TotalSeconds, 0.001))),
            }));
        foreach (ImportSummary summary in summaries.Where(summary => summary.Refused > 0))
        {
            foreach ((long line, string problem) in summary.Shown)
            {
                terminal.Error.WriteLine($"{summary.Part.Path}:{line}: {problem}");
            }

            if (summary.Refused > summary.Shown.Count)
            {
                terminal.Error.WriteLine($"{summary.Part.Path}: {Terminal.Number(summary.Refused - summary.Shown.Count)} more rows were refused");
            }
        }
    }
}
