namespace RecSys.Core.Diagnostics;

/// <summary>The severity of a finding.</summary>
public enum HealthVerdict
{
    /// <summary>The check found no problem.</summary>
    Good = 0,

    /// <summary>The part works, but the finding needs the operator's attention.</summary>
    Note = 1,

    /// <summary>The part does not work, or will soon fail.</summary>
    Bad = 2,
}

/// <summary>The finding of one check of an installation.</summary>
/// <param name="Check">The checked part, in a word or two.</param>
/// <param name="Verdict">The severity of the finding.</param>
/// <param name="Found">The finding, in one line.</param>
public sealed record HealthFinding(string Check, HealthVerdict Verdict, string Found)
{
    /// <summary>Gets the command that repairs the problem, or another remedy; null if none is needed.</summary>
    public string? Command { get; init; }
}
