namespace RecSys.Core.Diagnostics;

/// <summary>The severity of a finding.</summary>
public enum HealthVerdict
{
    /// <summary>It is as it should be.</summary>
    Good = 0,

    /// <summary>It works, and there is something to know.</summary>
    Note = 1,

    /// <summary>Something does not work, or soon will not.</summary>
    Bad = 2,
}

/// <summary>The finding of one check of an installation.</summary>
/// <param name="Check">The checked part, in a word or two.</param>
/// <param name="Verdict">How grave it is.</param>
/// <param name="Found">The finding, in one line.</param>
public sealed record HealthFinding(string Check, HealthVerdict Verdict, string Found)
{
    /// <summary>Gets the command that repairs it, or another remedy; null if none is needed.</summary>
    public string? Command { get; init; }
}
