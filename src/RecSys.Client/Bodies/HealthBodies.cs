namespace RecSys.Client;

/// <summary>The findings of the checks of an installation.</summary>
public sealed record HealthResponse
{
    /// <summary>Gets the most severe verdict of all checks: <c>ok</c>, <c>note</c> or <c>bad</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Gets the checks.</summary>
    public required IReadOnlyList<HealthCheck> Checks { get; init; }
}

/// <summary>One check of an installation.</summary>
public sealed record HealthCheck
{
    /// <summary>Gets the part that was checked.</summary>
    public required string Check { get; init; }

    /// <summary>Gets the verdict: <c>ok</c>, <c>note</c> or <c>bad</c>.</summary>
    public required string Verdict { get; init; }

    /// <summary>Gets the finding, in one line.</summary>
    public required string Found { get; init; }

    /// <summary>Gets the command that repairs it, or another remedy; absent if none is needed.</summary>
    public string? Command { get; init; }
}
