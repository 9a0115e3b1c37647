using System.CommandLine;
using RecSys.Cli.Hosting;
using RecSys.Cli.Jobs;
using RecSys.Client;

namespace RecSys.Cli.Commands;

/// <summary><c>recsys train</c>, <c>evaluate</c>, <c>rebuild</c> and <c>export</c>: jobs.</summary>
internal static class JobCommands
{
    /// <summary>The largest number of attempts of an export whose result was deleted before it was fetched.</summary>
    private const int ExportTriesMax = 5;

    public static IEnumerable<Command> Create(Shared shared, Terminal terminal, TimeProvider time)
    {
        yield return Train(shared, terminal, time);
        yield return EvaluateCommand.Create(shared, terminal, time);
        yield return Rebuild(shared, terminal, time);
        yield return Export(shared, terminal, time);
    }

    private static Command Train(Shared shared, Terminal terminal, TimeProvider time)
    {
        Command command = Shared.Command("train", "Train a model once, judge it, and publish it if it is not worse than the one it replaces.", "train");
        command.Options.Add(shared.Json);
        shared.AddConnection(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using Session session = await shared.OpenAsync(parsed, cancellationToken);
            JobResponse job = await ShownJob.RunAsync(session.Client, terminal, time, "train", "training", [], cancellationToken);
            if (parsed.GetValue(shared.Json))
            {
                terminal.Json(job, RecSysJsonContext.Wire.JobResponse);
            }
            else
            {
                terminal.Out.WriteLine(job.Message ?? job.State);
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Rebuild(Shared shared, Terminal terminal, TimeProvider time)
    {
        Argument<string> what = new("what") { Description = "Parts to rebuild; all if none is given.", Arity = ArgumentArity.ZeroOrOne, HelpName = "users|trends" };
        what.AcceptOnlyFromAmong("users", "trends");
        Command command = Shared.Command("rebuild", "Rebuild the speed layer's states from the log.", "rebuild users");
        Option<bool> acceptDamage = new("--accept-damage") { Description = "Rebuild even from a log that has damaged records." };
        Option<bool> acceptLoss = new("--accept-loss") { Description = "Rebuild even where records that retention removed from the log are in no readable state." };
        command.Arguments.Add(what);
        command.Options.Add(acceptDamage);
        command.Options.Add(acceptLoss);
        shared.AddConnection(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using Session session = await shared.OpenAsync(parsed, cancellationToken);
            Dictionary<string, string> parameters = new(StringComparer.Ordinal);
            if (parsed.GetValue(what) is { } part)
            {
                parameters["what"] = part;
            }

            if (parsed.GetValue(acceptDamage))
            {
                parameters["acceptDamage"] = "true";
            }

            if (parsed.GetValue(acceptLoss))
            {
                parameters["acceptLoss"] = "true";
            }

            JobResponse job = await ShownJob.RunAsync(session.Client, terminal, time, "rebuild", "rebuilding", parameters, cancellationToken);
            terminal.Out.WriteLine(job.Message ?? "rebuilt");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Export(Shared shared, Terminal terminal, TimeProvider time)
    {
        Argument<string> what = new("what") { Description = "The kind of rows to export, one JSON object per line.", HelpName = "interactions|items|users|recommendations" };
        what.AcceptOnlyFromAmong("interactions", "items", "users", "recommendations");
        Argument<string?> file = new("file") { Description = "The file; standard output if it is left out or -.", Arity = ArgumentArity.ZeroOrOne, HelpName = "FILE" };
        Command command = Shared.Command("export", "Export data as JSON lines, which import can read.", "export interactions events.jsonl");
        command.Arguments.Add(what);
        command.Arguments.Add(file);
        shared.AddConnection(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using ExportTarget target = ExportTarget.Create(parsed.GetValue(file), terminal);
            await using Session session = await shared.OpenAsync(parsed, cancellationToken);
            for (int tries = 1; ; tries++)
            {
                JobResponse job = await ShownJob.RunAsync(
                    session.Client,
                    terminal,
                    time,
                    "export",
                    "exporting",
                    new(StringComparer.Ordinal) { ["what"] = parsed.GetValue(what)! },
                    cancellationToken);
                try
                {
                    await target.FetchAsync(session.Client, job, time, cancellationToken);
                }
                catch (RecSysException error) when (tries < ExportTriesMax && error.Problem?.Code == ProblemCodes.ResultDeleted)
                {
                    continue; // an erasure deletes all results, since they may contain the person's data
                }

                terminal.Error.WriteLine(job.Message ?? "exported");
                return ExitCodes.Done;
            }
        });
        return command;
    }
}
