namespace RecSys.Core.Jobs;

/// <summary>A parameter that a kind of job takes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Accepts">The rule that a value must obey, as in "must be one of users, trends".</param>
/// <param name="IsValid">Returns whether a value obeys it.</param>
public sealed record JobParameter(string Name, string Accepts, Func<string, bool> IsValid)
{
    /// <summary>Gets whether a job cannot start without it.</summary>
    public bool IsRequired { get; init; }

    /// <summary>Returns a parameter that takes one of a few words.</summary>
    public static JobParameter OneOf(string name, params string[] values) =>
        new(name, $"must be one of {string.Join(", ", values)}", values.Contains);
}
