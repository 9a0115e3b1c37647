namespace RecSys.Client;

/// <summary>What the checks of an installation found.</summary>
public sealed record HealthResponse
{
    /// <summary>The gravest verdict of all checks: <c>ok</c>, <c>note</c> or <c>bad</c>.</summary>
    public required string Status { get; init; }

    /// <summary>The checks.</summary>
    public required IReadOnlyList<HealthCheck> Checks { get; init; }
}

/// <summary>One check of an installation.</summary>
public sealed record HealthCheck
{
    /// <summary>What was checked.</summary>
    public required string Check { get; init; }

    /// <summary><c>ok</c>, <c>note</c> or <c>bad</c>.</summary>
    public required string Verdict { get; init; }

    /// <summary>What was found, in one line.</summary>
    public required string Found { get; init; }

    /// <summary>The command that mends it, or what else to do; absent where nothing is to be done.</summary>
    public string? Command { get; init; }
}
