using System.CommandLine;

namespace RecSys.Cli.Commands;

/// <summary>A command whose help ends with an example.</summary>
/// <param name="name">Name of the command.</param>
/// <param name="description">Description in one line.</param>
/// <param name="example">Example of a call, without the program's name.</param>
internal sealed class CommandWithExample(string name, string description, string example) : Command(name, description)
{
    /// <summary>Gets the example, without the program's name.</summary>
    public string Example { get; } = example;
}
