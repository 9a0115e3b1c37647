namespace RecSys.Cli;

/// <summary>Thrown when a command fails for a reason that its user can correct; the user sees only the message, which is one line.</summary>
internal sealed class CommandException(string message, int exitCode = ExitCodes.Failed) : Exception(message)
{
    /// <summary>Gets the exit code of the process.</summary>
    public int ExitCode { get; } = exitCode;
}
