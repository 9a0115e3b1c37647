using System.CommandLine;
using RecSys.Core;

namespace RecSys.Cli.Commands;

/// <summary>Arguments that are ids.</summary>
internal static class IdArgument
{
    /// <summary>Creates an argument that follows the rule of ids (<see cref="IdText"/>); another value is wrong usage.</summary>
    /// <param name="name">Name of the argument.</param>
    /// <param name="description">Description for the help.</param>
    /// <param name="helpName">The word that stands for the id in the help.</param>
    /// <param name="fallback">The value if it is left out; null if it is required.</param>
    public static Argument<string> Create(string name, string description, string helpName, string? fallback = null)
    {
        Argument<string> argument = new(name) { Description = description, HelpName = helpName };
        if (fallback is not null)
        {
            argument.DefaultValueFactory = _ => fallback;
        }

        argument.Validators.Add(parsed =>
        {
            if (parsed.Tokens.Count > 0 && IdText.Problem(parsed.Tokens[0].Value) is { } problem)
            {
                parsed.AddError($"{helpName} {problem}");
            }
        });
        return argument;
    }
}
