namespace RecSys.Cli;

/// <summary>A command failed in a way that its user can do something about: the message is the one line they see.</summary>
internal sealed class CommandException(string message, int exitCode = ExitCodes.Failed) : Exception(message)
{
    /// <summary>Gets the exit code of the process.</summary>
    public int ExitCode { get; } = exitCode;
}
