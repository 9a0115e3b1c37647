namespace RecSys.Core.Models;

/// <summary>The champion cannot be served, and another model is served in its place, if there is a sound one.</summary>
/// <param name="Wanted">The champion; null where the alias itself cannot be read.</param>
/// <param name="Reason">Why it cannot be served, in one line.</param>
/// <param name="Served">The model that is served; null if none is sound.</param>
public sealed record ModelFallback(ModelVersion? Wanted, string Reason, ModelVersion? Served)
{
    /// <summary>Returns the fallback in one line of text.</summary>
    public override string ToString() =>
        $"the champion{(Wanted is { } wanted ? $" {wanted}" : "")} cannot be served: {Reason}; {(Served is { } served ? $"{served} serves in its place" : "no other model is sound")}";
}
