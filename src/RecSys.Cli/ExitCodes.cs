namespace RecSys.Cli;

/// <summary>What the process returns.</summary>
internal static class ExitCodes
{
    /// <summary>It did what was asked.</summary>
    public const int Done = 0;

    /// <summary>It did not.</summary>
    public const int Failed = 1;

    /// <summary>It was asked in a way that it does not understand.</summary>
    public const int WrongUsage = 2;
}
