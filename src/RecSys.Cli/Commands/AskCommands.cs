using System.CommandLine;
using RecSys.Cli.Hosting;
using RecSys.Client;

namespace RecSys.Cli.Commands;

/// <summary><c>recsys recommend</c>, <c>similar</c>, <c>trending</c> and <c>explain</c>.</summary>
internal static class AskCommands
{
    public static IEnumerable<Command> Create(Shared shared, Terminal terminal, TimeProvider time)
    {
        Option<string?> category = new("--category") { Description = "Only items of this category.", HelpName = "NAME" };
        yield return Recommend(shared, category, terminal, time);
        yield return Similar(shared, category, terminal, time);
        yield return Trending(shared, category, terminal, time);
        yield return Explain(shared, terminal, time);
    }

    private static Command Recommend(Shared shared, Option<string?> category, Terminal terminal, TimeProvider time)
    {
        Argument<string> user = IdArgument.Create("user", "The user's id.", "USER");
        Command command = Shared.Command("recommend", "Recommend items for a user, each with its reason.", "recommend 42 --count 5");
        command.Arguments.Add(user);
        Add(command, shared, category);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using Session session = await shared.OpenCaughtUpAsync(parsed, terminal, time, cancellationToken);
            RecommendationsResponse slate = await session.Client.GetRecommendationsAsync(
                parsed.GetValue(user)!, parsed.GetValue(shared.Count), parsed.GetValue(category), cancellationToken: cancellationToken);
            if (parsed.GetValue(shared.Json))
            {
                terminal.Json(slate, RecSysJsonContext.Wire.RecommendationsResponse);
                return ExitCodes.Done;
            }

            PrintItems(terminal, slate.Items, "no items: the catalogue is empty, or no item matches");
            terminal.Error.WriteLine($"model {slate.ModelVersion ?? "none yet"}; served by {slate.ServedBy}; {ProfileText(slate)}");
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>Returns what the slate used of the user's profile, in a few words.</summary>
    internal static string ProfileText(RecommendationsResponse slate) =>
        slate.InteractionsHeld is { } held and > 0 ? $"{Terminal.Number(held)} interactions in the profile"
        : slate.ServedBy is "full" or "reduced" ? "this user has no interactions yet"
        : "made without the profile";

    private static Command Similar(Shared shared, Option<string?> category, Terminal terminal, TimeProvider time)
    {
        Argument<string> item = IdArgument.Create("item", "The item's id.", "ITEM");
        Command command = Shared.Command("similar", "List items similar to an item.", "similar p-0042");
        command.Arguments.Add(item);
        Add(command, shared, category);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using Session session = await shared.OpenCaughtUpAsync(parsed, terminal, time, cancellationToken);
            ItemsResponse items = await session.Client.GetSimilarAsync(
                parsed.GetValue(item)!, parsed.GetValue(shared.Count), parsed.GetValue(category), cancellationToken: cancellationToken);
            return Print(terminal, items, parsed.GetValue(shared.Json), "no items: no similar item is known, or none matches");
        });
        return command;
    }

    private static Command Trending(Shared shared, Option<string?> category, Terminal terminal, TimeProvider time)
    {
        Option<string?> window = new("--window") { Description = "The window of the trend; the default is day.", HelpName = "hour|day|week|allTime" };
        Command command = Shared.Command("trending", "List trending items.", "trending --category Kitchen --window day");
        command.Options.Add(window);
        Add(command, shared, category);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using Session session = await shared.OpenCaughtUpAsync(parsed, terminal, time, cancellationToken);
            ItemsResponse items = await session.Client.GetTrendingAsync(
                parsed.GetValue(category), parsed.GetValue(shared.Count), parsed.GetValue(window), cancellationToken);
            return Print(terminal, items, parsed.GetValue(shared.Json), "no items: none matches, or there are too few recent interactions; --window allTime counts all interactions");
        });
        return command;
    }

    private static Command Explain(Shared shared, Terminal terminal, TimeProvider time)
    {
        Argument<string> user = IdArgument.Create("user", "The user's id.", "USER");
        Argument<string> item = IdArgument.Create("item", "The item's id.", "ITEM");
        Command command = Shared.Command("explain", "Explain why an item is recommended to a user, or why not.", "explain 42 p-0042");
        command.Arguments.Add(user);
        command.Arguments.Add(item);
        command.Options.Add(shared.Json);
        shared.AddConnection(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using Session session = await shared.OpenCaughtUpAsync(parsed, terminal, time, cancellationToken);
            ExplanationResponse why = await session.Client.ExplainAsync(parsed.GetValue(user)!, parsed.GetValue(item)!, cancellationToken: cancellationToken);
            if (parsed.GetValue(shared.Json))
            {
                terminal.Json(why, RecSysJsonContext.Wire.ExplanationResponse);
                return ExitCodes.Done;
            }

            PrintExplanation(terminal, why);
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Add(Command command, Shared shared, Option<string?> category)
    {
        command.Options.Add(category);
        command.Options.Add(shared.Count);
        command.Options.Add(shared.Json);
        shared.AddConnection(command);
    }

    private static int Print(Terminal terminal, ItemsResponse items, bool isJson, string nothing)
    {
        if (isJson)
        {
            terminal.Json(items, RecSysJsonContext.Wire.ItemsResponse);
        }
        else
        {
            PrintItems(terminal, items.Items, nothing);
        }

        return ExitCodes.Done;
    }

    private static void PrintItems(Terminal terminal, IReadOnlyList<RecommendedItem> items, string nothing)
    {
        if (items.Count == 0)
        {
            terminal.Error.WriteLine(nothing);
            return;
        }

        terminal.Table(
            [">#", "item", "title", ">score", "reason"],
            items.Select((item, position) => new[]
            {
                Terminal.Number(position + 1L), item.ItemId, item.Title ?? "", Terminal.Number(item.Score, 3), item.Explanation ?? "",
            }));
    }

    private static string OutcomeOf(ExplanationResponse why) => why.Outcome switch
    {
        "shown" => why.Position is { } position ? $"is at position {position + 1}" : "is in the slate",
        "filtered" => "is kept out by a filter",
        "outranked" => why.Position is { } position ? $"is not in the slate: it would be at position {position + 1}" : "is not in the slate",
        "notACandidate" => "is not a candidate: no source returned it",
        _ => why.Outcome,
    };

    private static void PrintExplanation(Terminal terminal, ExplanationResponse why)
    {
        // The stage that removed the item repeats the reason.
        string reason = why.Reason is { } text && !why.Stages.Any(stage => stage.Detail == text) ? $": {text}" : "";
        terminal.Out.WriteLine(why.Outcome == "unknownItem" ? $"{why.ItemId}: {why.Reason}" : $"{why.Title ?? why.ItemId} {OutcomeOf(why)}{reason}");
        if (why.Parts.Count > 0)
        {
            terminal.Table(["part of the score", ">value", ""], why.Parts.Select(part => new[] { part.Name, Terminal.Number(part.Value, 4), part.Text ?? "" }));
        }

        if (why.Because.Count > 0)
        {
            terminal.Table(
                ["because of", "how", ">contribution"],
                why.Because.Select(because => new[] { because.Title ?? because.ItemId, because.Type, Terminal.Number(because.Contribution, 4) }));
        }

        terminal.Table(["stage", "outcome", "detail"], why.Stages.Select(stage => new[] { stage.Stage, stage.Outcome, stage.Detail ?? "" }));
    }
}
