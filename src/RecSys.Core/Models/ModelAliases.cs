namespace RecSys.Core.Models;

/// <summary>The names under which a model is served.</summary>
public static class ModelAliases
{
    /// <summary>The model that is served.</summary>
    public const string Champion = "champion";

    /// <summary>The model that is evaluated beside the champion.</summary>
    public const string Challenger = "challenger";

    /// <summary>The champion before the current one: the target of a rollback.</summary>
    public const string Previous = "previous";

    /// <summary>Gets all aliases.</summary>
    public static IReadOnlyList<string> All { get; } = [Champion, Challenger, Previous];
}
