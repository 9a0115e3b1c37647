namespace RecSys.Core.Jobs;

/// <summary>A parameter that a kind of job takes.</summary>
/// <param name="Name">Name of the parameter.</param>
/// <param name="Accepts">The rule for a value, such as "must be one of users, trends".</param>
/// <param name="IsValid">Returns whether a value satisfies the rule.</param>
public sealed record JobParameter(string Name, string Accepts, Func<string, bool> IsValid)
{
    /// <summary>Gets whether the parameter is required.</summary>
    public bool IsRequired { get; init; }

    /// <summary>Returns a parameter whose value is one of a few words.</summary>
    public static JobParameter OneOf(string name, params string[] values) =>
        new(name, $"must be one of {string.Join(", ", values)}", values.Contains);
}
