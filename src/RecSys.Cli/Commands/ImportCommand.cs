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
        Argument<string> file = new("file") { Description = "The file, which may be packed with gzip or zstd, or the data set's folder.", HelpName = "FILE" };
        ImportArguments arguments = new();
        Command command = Shared.Command(
            "import",
            "Import interactions, items or users from a file. Before it writes, it prints the field of each column.",
            "import interactions events.csv --map userId=customer,itemId=sku --dry-run");
        command.Arguments.Add(kind);
        command.Arguments.Add(file);
        arguments.AddTo(command);
        shared.AddConnection(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            IReadOnlyList<ImportPart> parts = ImportFormat.Parts(
                parsed.GetValue(arguments.Format), parsed.GetValue(kind), parsed.GetValue(file)!, arguments.Read(parsed));
            foreach (ImportPart part in parts)
            {
                part.Check();
            }

            double allowRefused = ImportArguments.Share(parsed.GetValue(arguments.AllowRefused));
            if (parsed.GetValue(arguments.DryRun))
            {
                KnownTypes types = parsed.GetValue(shared.Server) is null
                    ? new KnownTypes(Composition.TypesOf(Composition.SettingsOf(parsed.GetValue(shared.Data)!)).All)
                    : await AskAsync(shared, parsed, cancellationToken);
                return await DryRun.RunAsync(terminal, time, parts, types, allowRefused);
            }

            await using Session session = await shared.OpenAsync(parsed, cancellationToken, makesFolder: true);
            KnownTypes known = await KnownTypes.AskAsync(session.Client, cancellationToken);
            List<ImportPlan> plans = [];
            foreach (ImportPart part in parts)
            {
                plans.Add(await PlanAsync(terminal, time, part, known));
                ImportReport.WritePlan(terminal.Error, part, plans[^1]);
            }

            List<ImportSummary> summaries = [];
            if (plans.Exists(plan => plan.Found.Refusal is not null))
            {
                foreach ((ImportPart part, ImportPlan plan) in parts.Zip(plans))
                {
                    ImportSummary nothing = new(part);
                    nothing.Refuse(1, new RowProblem(plan.Found.Refusal ?? "nothing was written, because another file is refused"), plan.Rows);
                    summaries.Add(nothing);
                }

                ImportReport.WriteResults(terminal, summaries);
                terminal.Error.WriteLine("nothing was written");
                return ExitCodes.Failed;
            }

            foreach ((ImportPart part, ImportPlan plan) in parts.Zip(plans).Where(_ => !parsed.GetValue(arguments.Again)))
            {
                if (await StoredRowsCheck.AskAsync(session.Client, part, plan, cancellationToken) is { } problem)
                {
                    throw new CommandException($"{problem}; nothing was written");
                }
            }

            Importer importer = new(session.Client, time, parsed.GetValue(arguments.Replace));
            foreach ((ImportPart part, ImportPlan plan) in parts.Zip(plans))
            {
                summaries.Add(await ProgressLine.RunAsync(
                    terminal,
                    time,
                    $"importing {part.ShortName}",
                    report => importer.RunAsync(
                        part,
                        plan,
                        parsed.GetValue(arguments.Strict),
                        new SynchronousProgress<(double Share, ImportSummary Summary)>(at => report(at.Share, $"{Terminal.Number(at.Summary.Stored)} rows")),
                        cancellationToken)));
            }

            ImportReport.WriteResults(terminal, summaries);
            foreach (ImportSummary summary in summaries)
            {
                if (await CatalogueCheck.AskAsync(session.Client, time, summary.Part.Kind, summary.Ids.Items, cancellationToken) is { } problem)
                {
                    terminal.Error.WriteLine($"WARNING: {problem}");
                }

                if (await UserIdCheck.AskAsync(session.Client, summary.Part.Kind, summary.Ids.Users, cancellationToken) is { } other)
                {
                    terminal.Error.WriteLine($"WARNING: {other}");
                }
            }

            if (!summaries.Exists(summary => summary.IsFailed(allowRefused)))
            {
                ImportReport.WriteNextCommands(terminal.Error, summaries, parsed.GetValue(shared.Server) is { } server ? $"--server {server}" : $"--data {ShellWord.Of(parsed.GetValue(shared.Data)!)}");
                return ExitCodes.Done;
            }

            foreach (string warning in summaries.Select(ImportReport.DuplicateWarning).OfType<string>())
            {
                terminal.Error.WriteLine(warning);
            }

            if (summaries.TrueForAll(summary => summary.Fault is null))
            {
                terminal.Error.WriteLine(ImportReport.TooManyRefused(summaries, allowRefused));
            }

            return ExitCodes.Failed;
        });
        return command;
    }

    private static async Task<KnownTypes> AskAsync(Shared shared, ParseResult parsed, CancellationToken cancellationToken)
    {
        await using Session session = await shared.OpenAsync(parsed, cancellationToken, makesFolder: true);
        return await KnownTypes.AskAsync(session.Client, cancellationToken);
    }

    private static Task<ImportPlan> PlanAsync(Terminal terminal, TimeProvider time, ImportPart part, KnownTypes types) =>
        ProgressLine.RunAsync(
            terminal, time, $"reading {part.ShortName}", report => Task.FromResult(part.Plan(types, time.GetUtcNow(), share => report(share, ""))));
}
