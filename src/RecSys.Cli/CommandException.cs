namespace RecSys.Cli;

/// <summary>A command failed in a way that its user can do something about: the message is the one line they see.</summary>
internal sealed class CommandException(string message, int exitCode = ExitCodes.Failed) : Exception(message)
{
    /// <summary>What the process returns.</summary>
    public int ExitCode { get; } = exitCode;
}
