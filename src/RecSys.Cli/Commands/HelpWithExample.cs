using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace RecSys.Cli.Commands;

/// <summary>Prints the help that System.CommandLine makes, followed by an example.</summary>
/// <param name="help">The action that prints the help.</param>
/// <param name="rootExample">The example of the program itself.</param>
internal sealed class HelpWithExample(HelpAction help, string rootExample) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        int code = help.Invoke(parseResult);
        string example = parseResult.CommandResult.Command is CommandWithExample command ? command.Example : rootExample;
        parseResult.InvocationConfiguration.Output.WriteLine($"Example:\n  recsys {example}\n");
        return code;
    }
}
