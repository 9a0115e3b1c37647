using System.CommandLine;
using System.Globalization;
using RecSys.Cli.Hosting;
using RecSys.Client;

namespace RecSys.Cli.Commands;

/// <summary><c>recsys models</c>.</summary>
internal static class ModelCommands
{
    public static Command Create(Shared shared, Terminal terminal)
    {
        Command models = Shared.Command("models", "The models that were published.", "models list");
        models.Subcommands.Add(List(shared, terminal));
        models.Subcommands.Add(Show(shared, terminal));
        models.Subcommands.Add(Switch(
            shared, terminal, "promote", "Serve a model: it becomes the champion.", (client, version, cancel) => client.PromoteModelAsync(version, cancel)));
        models.Subcommands.Add(Switch(
            shared, terminal, "rollback", "Go back from a model to the one before it.", (client, version, cancel) => client.RollbackModelAsync(version, cancel)));
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
                    ["version", "alias", ">items", ">interactions", ">kB", "made"],
                    page.Items.Select(model => new[]
                    {
                        model.Version, string.Join(' ', model.Alias ?? []), Terminal.Number(model.Items), Terminal.Number(model.Interactions),
                        Terminal.Number(model.SizeBytes / 1024), model.CreatedAt?.ToString("u", CultureInfo.InvariantCulture) ?? "",
                    }));
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Show(Shared shared, Terminal terminal)
    {
        Argument<string> version = new("version") { Description = "Which model; the champion if none is named.", Arity = ArgumentArity.ZeroOrOne, HelpName = "VERSION" };
        Command command = Shared.Command("show", "Show a model's card.", "models show");
        command.Arguments.Add(version);
        command.Options.Add(shared.Json);
        shared.AddConnection(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using Session session = await shared.OpenAsync(parsed, cancellationToken);
            ModelPage page = await session.Client.GetModelsAsync(cancellationToken);
            string? name = parsed.GetValue(version);
            ModelResponse model = page.Items.FirstOrDefault(model => name is null ? model.Alias?.Contains("champion") == true : model.Version == name)
                ?? throw new CommandException(name is null ? "no model is served yet: run recsys train" : $"there is no model '{name}'");
            if (parsed.GetValue(shared.Json))
            {
                terminal.Json(model, RecSysJsonContext.Wire.ModelResponse);
                return ExitCodes.Done;
            }

            terminal.Out.WriteLine($"{model.Version}  {string.Join(' ', model.Alias ?? [])}");
            terminal.Table(
                ["", ""],
                [
                    ["parent", model.Parent ?? "none"],
                    ["items", Terminal.Number(model.Items)],
                    ["interactions", Terminal.Number(model.Interactions)],
                    ["size", $"{Terminal.Number(model.SizeBytes / 1024)} kB"],
                    .. model.Parameters.Select(parameter => new[] { parameter.Key, parameter.Value.ToString() }),
                    .. model.Metrics.Select(metric => new[] { metric.Key, Terminal.Number(metric.Value, 4) }),
                ]);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Switch(
        Shared shared, Terminal terminal, string name, string description, Func<IRecSysClient, string, CancellationToken, Task<ModelResponse>> run)
    {
        Argument<string> version = new("version") { Description = "Which model.", HelpName = "VERSION" };
        Command command = Shared.Command(name, description, $"models {name} 20260504-143201-1");
        command.Arguments.Add(version);
        shared.AddConnection(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using Session session = await shared.OpenAsync(parsed, cancellationToken);
            ModelResponse model = await run(session.Client, parsed.GetValue(version)!, cancellationToken);
            terminal.Out.WriteLine($"{model.Version} is served");
            return ExitCodes.Done;
        });
        return command;
    }
}
