using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using RecSys.Cli.Hosting;
using RecSys.Client;

namespace RecSys.Cli.Commands;

/// <summary><c>recsys models</c>: lists, shows and promotes models.</summary>
internal static class ModelCommands
{
    /// <summary>The alias of the model that is served.</summary>
    private const string Champion = "champion";

    public static Command Create(Shared shared, Terminal terminal)
    {
        Command models = Shared.Command("models", "Manage the published models.", "models list");
        models.Subcommands.Add(List(shared, terminal));
        models.Subcommands.Add(Show(shared, terminal));
        Argument<string> promoted = IdArgument.Create("version", "The version of the model.", "VERSION");
        models.Subcommands.Add(Switch(
            shared,
            terminal,
            Shared.Command("promote", "Serve a model: it becomes the champion.", "models promote 20260504-143201-1"),
            promoted,
            (client, version, cancel) => client.PromoteModelAsync(version, cancel)));
        models.Subcommands.Add(Switch(
            shared,
            terminal,
            Shared.Command("rollback", "Replace the served model by the one that was served before it.", "models rollback"),
            ChampionUnlessNamed(),
            (client, version, cancel) => client.RollbackModelAsync(version, cancel)));
        return models;
    }

    private static Command List(Shared shared, Terminal terminal)
    {
        Command command = Shared.Command("list", "List the models, newest first.", "models list");
        command.Options.Add(shared.Json);
        shared.AddConnection(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using Session session = await shared.OpenAsync(parsed, cancellationToken);
            ModelPage page = await session.Client.GetModelsAsync(cancellationToken);
            if (parsed.GetValue(shared.Json))
            {
                terminal.Json(page, RecSysJsonContext.Wire.ModelPage);
            }
            else if (page.Items.Count == 0)
            {
                terminal.Error.WriteLine("no models yet: run recsys train");
            }
            else
            {
                terminal.Table(
                    ["=version", "alias", ">items", ">interactions", ">kB", "made"],
                    page.Items.Select(model => new[]
                    {
                        model.Version, AliasesOf(model), Terminal.Number(model.Items), Terminal.Number(model.Interactions),
                        Terminal.Number(model.SizeBytes / 1024), model.CreatedAt?.ToString("u", CultureInfo.InvariantCulture) ?? "",
                    }));
                foreach (ModelResponse damaged in page.Items.Where(model => model.Damage is not null))
                {
                    terminal.Error.WriteLine($"{damaged.Version} is damaged: {damaged.Damage}");
                }
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Show(Shared shared, Terminal terminal)
    {
        Argument<string> version = ChampionUnlessNamed();
        Command command = Shared.Command("show", "Show a model's card.", "models show");
        command.Arguments.Add(version);
        command.Options.Add(shared.Json);
        shared.AddConnection(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using Session session = await shared.OpenAsync(parsed, cancellationToken);
            ModelResponse model = await FindAsync(session.Client, parsed.GetValue(version)!, cancellationToken);
            if (parsed.GetValue(shared.Json))
            {
                terminal.Json(model, RecSysJsonContext.Wire.ModelResponse);
                return ExitCodes.Done;
            }

            terminal.Out.WriteLine($"{model.Version}  {AliasesOf(model)}");
            terminal.Table(
                ["", ""],
                [
                    ["parent", model.Parent ?? "none"],
                    ["items", Terminal.Number(model.Items)],
                    ["interactions", Terminal.Number(model.Interactions)],
                    ["size", $"{Terminal.Number(model.SizeBytes / 1024)} kB"],
                    .. model.Parameters.Select(parameter => new[] { parameter.Key, TextOf(parameter.Value) }),
                    .. model.Metrics.Select(metric => new[] { metric.Key, Terminal.ShortNumber(metric.Value) }),
                ]);
            return ExitCodes.Done;
        });
        return command;
    }

    private static string TextOf(JsonElement parameter) =>
        parameter.ValueKind == JsonValueKind.Number ? Terminal.ShortNumber(parameter.GetDouble()) : parameter.ToString();

    private static Command Switch(
        Shared shared, Terminal terminal, Command command, Argument<string> version, Func<IRecSysClient, string, CancellationToken, Task<ModelResponse>> run)
    {
        command.Arguments.Add(version);
        shared.AddConnection(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using Session session = await shared.OpenAsync(parsed, cancellationToken);
            ModelResponse model = await FindAsync(session.Client, parsed.GetValue(version)!, cancellationToken);
            model = await run(session.Client, model.Version, cancellationToken);
            terminal.Out.WriteLine($"{model.Version} is served");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Argument<string> ChampionUnlessNamed() => IdArgument.Create("version", "The model, by version or alias.", "VERSION", fallback: Champion);

    private static string AliasesOf(ModelResponse model)
    {
        bool isInPlace = model.IsServed && model.Alias?.Contains(Champion) != true;
        return string.Join(' ', [.. model.Alias ?? [], .. isInPlace ? ["served"] : (string[])[], .. model.Damage is null ? (string[])[] : ["damaged"]]);
    }

    private static async Task<ModelResponse> FindAsync(IRecSysClient client, string name, CancellationToken cancellationToken)
    {
        ModelPage page = await client.GetModelsAsync(cancellationToken);
        return page.Items.FirstOrDefault(model => model.Version == name || model.Alias?.Contains(name) == true)
            ?? (name == Champion ? page.Items.FirstOrDefault(model => model.IsServed) : null) // the alias is damaged: the model that is served instead
            ?? throw new CommandException(name == Champion ? "no model is served yet: run recsys train" : $"there is no model '{name}'; recsys models list shows all");
    }
}
