namespace RecSys.Core.Diagnostics;

/// <summary>How grave what a check found is.</summary>
public enum HealthVerdict
{
    /// <summary>It is as it should be.</summary>
    Good = 0,

    /// <summary>It works, and there is something to know.</summary>
    Note = 1,

    /// <summary>Something does not work, or soon will not.</summary>
    Bad = 2,
}

/// <summary>What one check of an installation found.</summary>
/// <param name="Check">What was checked, in a word or two.</param>
/// <param name="Verdict">How grave it is.</param>
/// <param name="Found">What was found, in one line.</param>
public sealed record HealthFinding(string Check, HealthVerdict Verdict, string Found)
{
    /// <summary>Gets the command that mends it, or what else to do; null where nothing is to be done.</summary>
    public string? Command { get; init; }
}
