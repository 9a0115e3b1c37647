using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using RecSys.Batch.Evaluation;
using RecSys.Batch.Replay;
using RecSys.Cli.Hosting;
using RecSys.Cli.Jobs;
using RecSys.Client;

namespace RecSys.Cli.Commands;

/// <summary><c>recsys evaluate</c>: measures what is served, the model alone and popularity.</summary>
internal static class EvaluateCommand
{
    /// <summary>Published splits have no times: with an hour between two acts, the last ones do not count as the current session.</summary>
    private const double PublishedStepSeconds = 3_600;

    private const string Example =
        """
        evaluate
          recsys evaluate --split prequential --html report.html
          recsys evaluate --split mcrec/ml-100k.train.rating,mcrec/ml-100k.test.rating
          recsys evaluate --acts ratings.csv --items movies.csv --split prequential
          recsys evaluate --acts Beauty.txt --split leave-last-out --questions 30000
          recsys evaluate --acts train_sessions.txt --prefixes test_prefix_target.txt
        """;

    public static Command Create(Shared shared, Terminal terminal, TimeProvider time)
    {
        Option<string> split = new("--split")
        {
            Description = "How interactions are split into training and questions: temporal (default), leave-last-out, prequential, new-users, or TRAIN,TEST files.",
            HelpName = "PROTOCOL|TRAIN,TEST",
        };
        Option<string?> acts = FileOption("--acts", "Evaluate on this file instead of the log: rows of user, item, value and time (CSV with a header too), or a line of items per user.");
        Option<string?> history = FileOption("--history", "Acts that profiles contain at the time of a question, but that models do not learn from (with TRAIN,TEST).");
        Option<string?> prefixes = FileOption("--prefixes", "Prefixes of sessions, each with the item that followed (with --acts).");
        Option<string?> items = FileOption("--items", "The catalogue of the files: CSV with id, title and categories, or a JSON object of id to categories.");
        Option<string?> form = new("--form") { Description = "Form of --acts, if it is not detected correctly.", HelpName = "rows|lists|sessions" };
        form.AcceptOnlyFromAmong("rows", "lists", "sessions");
        Option<string?> type = new("--type") { Description = "Type of acts whose file names none.", HelpName = "TYPE" };
        Option<double?> step = new("--step") { Description = "Seconds between two acts of a file without times (default 1; with TRAIN,TEST 3600, so that no act belongs to the current session).", HelpName = "SECONDS" };
        Option<bool> asUser = new("--as-user") { Description = "Request slates for a known user whose newest acts are the prefix, not for an anonymous session." };
        (Option<string?> Option, string Parameter)[] parameters =
        [
            (new("--share") { Description = "Share of the newest interactions, or of new users, that is evaluated (default 0.2; temporal 0.1).", HelpName = "SHARE" }, EvaluationParameters.Share),
            (new("--questions") { Description = "The largest number of questions, chosen evenly (default 5000).", HelpName = "N" }, EvaluationParameters.Questions),
            (new("--metrics") { Description = "The metrics to compute.", HelpName = "ndcg@10,recall@20,…" }, EvaluationParameters.Metrics),
            (new("--ideal") { Description = "Ideal gain over the first k relevant items (default), or over all (default with TRAIN,TEST).", HelpName = "first-k|all" }, EvaluationParameters.Ideal),
            (new("--candidates") { Description = "Rank only the relevant items and N random ones; the figures are then labelled SAMPLED.", HelpName = "N" }, EvaluationParameters.Candidates),
            (new("--new-items") { Description = "Leave out all interactions with this share of the items, which are then new (default 0).", HelpName = "SHARE" }, EvaluationParameters.NewItems),
            (new("--least-weight") { Description = "The weight that a liked interaction needs to be a right answer, such as 4 for ratings from 4 on or 8 for purchases (default: any above 0).", HelpName = "WEIGHT" }, EvaluationParameters.LeastWeight),
            (new("--popularity") { Description = "Popularity counts interactions so far (default), or those of the training.", HelpName = "so-far|training" }, EvaluationParameters.Popularity),
            (new("--seen") { Description = "The rule for seen items in the requests (default: the rule of each type). With allow, a slate may also show the item on screen.", HelpName = "exclude|demote|allow" }, EvaluationParameters.Seen),
            (new("--seed") { Description = "Seed of intervals and samples (default 1).", HelpName = "N" }, EvaluationParameters.Seed),
        ];
        Option<string?> html = FileOption("--html", "Write a page with charts to this file.");
        Command command = Shared.Command(
            "evaluate", "Measure what is served: whole slates as a server makes them, the model alone, and popularity. Publishes nothing.", Example);
        foreach (Option option in (Option[])[split, acts, history, prefixes, items, form, type, step, asUser, .. parameters.Select(pair => pair.Option), html, shared.Json])
        {
            command.Options.Add(option);
        }

        shared.AddConnection(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            Dictionary<string, string> given = new(StringComparer.Ordinal);
            foreach ((Option<string?> option, string parameter) in parameters)
            {
                if (parsed.GetValue(option) is { } value)
                {
                    given[parameter] = value;
                }
            }

            string? held = parsed.GetValue(split);
            bool isProtocol = held is null || EvaluationParameters.Splits.Contains(held);
            if (held is not null && isProtocol)
            {
                given[EvaluationParameters.Split] = held;
            }

            Check(given);
            string? actsFile = parsed.GetValue(acts);
            if (isProtocol && actsFile is null)
            {
                Refuse("--acts or --split TRAIN,TEST", [history, prefixes, items, form, type, step, asUser], parsed);
                await using Session session = await shared.OpenAsync(parsed, cancellationToken);
                JobResponse job = await ShownJob.RunAsync(session.Client, terminal, time, "evaluate", "evaluating", given, cancellationToken);
                return Print(terminal, job, parsed.GetValue(shared.Json), parsed.GetValue(html));
            }

            if (parsed.GetValue(shared.Server) is not null)
            {
                throw new CommandException("--server: files are evaluated by this command alone; leave out --server", ExitCodes.WrongUsage);
            }

            string[] both = isProtocol ? [] : held!.Split(',', StringSplitOptions.TrimEntries);
            if (!isProtocol && (both.Length != 2 || actsFile is not null))
            {
                throw new CommandException(
                    actsFile is null
                        ? $"--split: '{held}' is neither {string.Join(", ", EvaluationParameters.Splits)}, nor TRAIN,TEST"
                        : "--acts: names the acts, as TRAIN,TEST does; leave out one of them",
                    ExitCodes.WrongUsage);
            }

            if (parsed.GetValue(prefixes) is not null && (held is not null || parsed.GetValue(history) is not null))
            {
                throw new CommandException("--prefixes: contains the questions; leave out --split and --history", ExitCodes.WrongUsage);
            }

            if (isProtocol)
            {
                Refuse("--split TRAIN,TEST", [history], parsed);
            }

            if (parsed.GetValue(prefixes) is null)
            {
                Refuse("--prefixes", [asUser], parsed);
            }

            EvaluationFiles files = new()
            {
                Acts = isProtocol ? actsFile! : both[0],
                Test = isProtocol ? null : both[1],
                History = parsed.GetValue(history),
                Prefixes = parsed.GetValue(prefixes),
                Items = parsed.GetValue(items),
                Form = parsed.GetValue(form) switch
                {
                    "rows" => ActFileForm.Rows,
                    "lists" => ActFileForm.Lists,
                    "sessions" => ActFileForm.Sessions,
                    _ => parsed.GetValue(prefixes) is null ? ActFileForm.Auto : ActFileForm.Sessions,
                },
                Type = parsed.GetValue(type) ?? (isProtocol ? parsed.GetValue(prefixes) is null ? null : "click" : FileWorld.PairType),
                Step = TimeSpan.FromSeconds(parsed.GetValue(step) is { } seconds
                    ? seconds is > 0 and <= 31_536_000 ? seconds : throw new CommandException($"--step: is {seconds.ToString(CultureInfo.InvariantCulture)}; above 0 to 31536000 s is allowed", ExitCodes.WrongUsage)
                    : isProtocol ? 1 : PublishedStepSeconds),
            };
            EvaluationSettings settings = EvaluationParameters.Read(given.ToImmutableSortedDictionary(StringComparer.Ordinal));
            bool areGiven = files.Test is not null || files.Prefixes is not null;
            if (areGiven && settings.LeastWeight > 0)
            {
                throw new CommandException("--least-weight: the questions are given; leave it out", ExitCodes.WrongUsage);
            }

            settings = settings with
            {
                Protocol = areGiven ? EvaluationProtocol.Given : settings.Protocol,
                Ideal = files.Test is not null && !given.ContainsKey(EvaluationParameters.Ideal) ? IdealGain.AllRelevant : settings.Ideal,
                AsksSessionsAsUsers = parsed.GetValue(asUser),
                SessionType = parsed.GetValue(type) ?? settings.SessionType,
                SessionStep = files.Step,
            };
            return Print(
                terminal,
                await FileEvaluation.RunAsync(terminal, time, files, settings, parsed.GetValue(shared.Data)!, cancellationToken),
                parsed.GetValue(shared.Json),
                parsed.GetValue(html));
        });
        return command;
    }

    private static Option<string?> FileOption(string name, string description) => new(name) { Description = description, HelpName = "FILE" };

    private static void Check(Dictionary<string, string> given)
    {
        foreach ((string name, string value) in given)
        {
            if (EvaluationParameters.All.First(parameter => parameter.Name == name) is var known && !known.IsValid(value))
            {
                throw new CommandException($"--{name}: '{value}' {known.Accepts}", ExitCodes.WrongUsage);
            }
        }
    }

    private static void Refuse(string needed, Option[] options, ParseResult parsed)
    {
        foreach (Option option in options)
        {
            if (parsed.GetResult(option) is { Implicit: false })
            {
                throw new CommandException($"{option.Name}: needs {needed}", ExitCodes.WrongUsage);
            }
        }
    }

    private static int Print(Terminal terminal, JobResponse job, bool isJson, string? html)
    {
        Dictionary<string, double> figures = job.Result is { ValueKind: JsonValueKind.Object } result && result.TryGetProperty("metrics", out JsonElement metrics)
            ? metrics.EnumerateObject().ToDictionary(metric => metric.Name, metric => metric.Value.GetDouble(), StringComparer.Ordinal)
            : new Dictionary<string, double>(StringComparer.Ordinal);
        if (html is not null)
        {
            Write(html, EvaluationPage.Of(job.Message ?? job.State, figures));
        }

        if (isJson)
        {
            terminal.Json(job, RecSysJsonContext.Wire.JobResponse);
        }
        else
        {
            EvaluationTables.Print(terminal, job.Message ?? job.State, figures);
        }

        return ExitCodes.Done;
    }

    private static void Write(string path, string page)
    {
        try
        {
            File.WriteAllText(path, page);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"--html: {error.Message}");
        }
    }
}
