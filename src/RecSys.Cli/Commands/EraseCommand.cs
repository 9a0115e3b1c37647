using System.CommandLine;
using RecSys.Cli.Hosting;
using RecSys.Client;

namespace RecSys.Cli.Commands;

/// <summary><c>recsys erase</c>: erases all data of a person.</summary>
internal static class EraseCommand
{
    public static Command Create(Shared shared, Terminal terminal)
    {
        Argument<string> user = IdArgument.Create("user", "The user's id.", "USER");
        Option<bool> yes = new("--yes") { Description = "Do not ask for confirmation." };
        Command command = Shared.Command("erase", "Erase all data of a person: interactions, profile, shown slates, and the person's part of trends and co-visits. The erasure cannot be undone.", "erase 42 --yes");
        command.Arguments.Add(user);
        command.Options.Add(yes);
        command.Options.Add(shared.Json);
        shared.AddConnection(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string id = parsed.GetValue(user)!;
            if (!parsed.GetValue(yes) && !IsConfirmed(terminal, id))
            {
                throw new CommandException("no data was erased");
            }

            await using Session session = await shared.OpenAsync(parsed, cancellationToken);
            ErasureResponse erased = await session.Client.EraseUserAsync(id, cancellationToken);
            if (parsed.GetValue(shared.Json))
            {
                terminal.Json(erased, RecSysJsonContext.Wire.ErasureResponse);
            }
            else
            {
                terminal.Out.WriteLine($"erasure is recorded and under way; receipt {erased.Receipt}");
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static bool IsConfirmed(Terminal terminal, string id)
    {
        if (Console.IsInputRedirected)
        {
            throw new CommandException("use --yes to erase without a confirmation", ExitCodes.WrongUsage);
        }

        terminal.Error.Write($"Permanently erase all data of '{id}'? Type yes: ");
        return Console.ReadLine()?.Trim() == "yes";
    }
}
