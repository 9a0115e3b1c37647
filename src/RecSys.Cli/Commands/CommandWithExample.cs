using System.CommandLine;

namespace RecSys.Cli.Commands;

/// <summary>A command whose help ends with an example.</summary>
/// <param name="name">Its name.</param>
/// <param name="description">What it does, in a line.</param>
/// <param name="example">How it is called, without the program's name.</param>
internal sealed class CommandWithExample(string name, string description, string example) : Command(name, description)
{
    /// <summary>How it is called, without the program's name.</summary>
    public string Example { get; } = example;
}
