using System.CommandLine;
using System.CommandLine.Help;
using RecSys.Cli.Commands;
using RecSys.Cli.Hosting;
using RecSys.Client;

namespace RecSys.Cli;

/// <summary>The commands of the program. Every expected failure becomes one line and an exit code.</summary>
internal static class CommandLine
{
    /// <summary>Runs one command.</summary>
    /// <returns>A value of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(string[] args, Terminal terminal, TimeProvider time)
    {
        RootCommand root = Create(terminal, time);
        ParseResult parsed = root.Parse(args);
        if (parsed is { CommandResult.Command: { Action: null, Subcommands.Count: > 0 }, Errors.Count: > 0, UnmatchedTokens.Count: 0 })
        {
            parsed = root.Parse([.. args, "--help"]); // without a command, list the commands
        }

        if (parsed.Errors.Count > 0)
        {
            terminal.Error.WriteLine($"recsys: {ProblemOf(parsed)}; see recsys {CommandPath(parsed)}--help");
            return ExitCodes.WrongUsage;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                Output = terminal.Out,
                Error = terminal.Error,
                ProcessTerminationTimeout = RecSysHost.ShutdownMax + TimeSpan.FromSeconds(5), // the host disposes of its services after the shutdown
            });
        }
        catch (CommandException error)
        {
            terminal.Error.WriteLine($"recsys: {error.Message}");
            return error.ExitCode;
        }
        catch (RecSysException error)
        {
            terminal.Error.WriteLine($"recsys: {error.Message}");
            return ExitCodes.Failed;
        }
        catch (OperationCanceledException)
        {
            terminal.Error.WriteLine("recsys: stopped");
            return ExitCodes.Failed;
        }
    }

    private static RootCommand Create(Terminal terminal, TimeProvider time)
    {
        Shared shared = new();
        RootCommand root = new("Recommendations that change with the next click.");
        foreach (HelpOption help in root.Options.OfType<HelpOption>())
        {
            help.Action = new HelpWithExample((HelpAction)help.Action!, "play");
        }

        root.Subcommands.Add(PlayCommand.Create(terminal, time));
        root.Subcommands.Add(ServeCommand.Create(shared, terminal));
        root.Subcommands.Add(ImportCommand.Create(shared, terminal, time));
        foreach (Command command in JobCommands.Create(shared, terminal, time))
        {
            root.Subcommands.Add(command);
        }

        foreach (Command command in AskCommands.Create(shared, terminal, time))
        {
            root.Subcommands.Add(command);
        }

        root.Subcommands.Add(ModelCommands.Create(shared, terminal));
        root.Subcommands.Add(EraseCommand.Create(shared, terminal));
        foreach (Command command in BackupCommands.Create(shared, terminal, time))
        {
            root.Subcommands.Add(command);
        }

        root.Subcommands.Add(ClusterCommands.Create(shared, terminal, time));
        root.Subcommands.Add(DoctorCommand.Create(shared, terminal, time));
        root.Subcommands.Add(BenchCommand.Create(shared, terminal, time));
        return root;
    }

    // The library's message has several lines, and reports a missing command before an unknown one.
    private static string ProblemOf(ParseResult parsed) =>
        parsed.UnmatchedTokens.Count > 0
            ? $"'{parsed.UnmatchedTokens[0]}' is not understood{Suggestion(parsed, parsed.UnmatchedTokens[0])}"
            : string.Join(' ', parsed.Errors[0].Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');

    // The nearest name that is valid at this place.
    private static string Suggestion(ParseResult parsed, string token)
    {
        Command command = parsed.CommandResult.Command;
        IEnumerable<Symbol> symbols = token.StartsWith('-') ? command.Options : command.Subcommands;
        return NearestName.Of(token, symbols.Where(symbol => !symbol.Hidden).Select(symbol => symbol.Name)) is { } name
            ? $"; did you mean {name}?"
            : "";
    }

    private static string CommandPath(ParseResult parsed)
    {
        string path = "";
        for (System.CommandLine.Parsing.SymbolResult? result = parsed.CommandResult;
            result is System.CommandLine.Parsing.CommandResult { Command: not RootCommand } command;
            result = command.Parent)
        {
            path = $"{command.Command.Name} {path}";
        }

        return path;
    }
}
