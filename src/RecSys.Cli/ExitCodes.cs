namespace RecSys.Cli;

/// <summary>Exit codes of the process.</summary>
internal static class ExitCodes
{
    /// <summary>Success.</summary>
    public const int Done = 0;

    /// <summary>Failure.</summary>
    public const int Failed = 1;

    /// <summary>The command line is not valid.</summary>
    public const int WrongUsage = 2;

    /// <summary>The other nodes removed this one from the cluster: a supervisor should start it again.</summary>
    public const int Downed = 3;
}
