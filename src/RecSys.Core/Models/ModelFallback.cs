namespace RecSys.Core.Models;

/// <summary>Reports that the champion cannot be served, and which model is served instead.</summary>
/// <param name="Wanted">The champion; null if the alias itself cannot be read.</param>
/// <param name="Reason">Why it cannot be served, in one line.</param>
/// <param name="Served">The model that is served; null if no model is undamaged.</param>
public sealed record ModelFallback(ModelVersion? Wanted, string Reason, ModelVersion? Served)
{
    /// <summary>Returns the fallback in one line of text.</summary>
    public override string ToString() =>
        $"the champion{(Wanted is { } wanted ? $" {wanted}" : "")} cannot be served: {Reason}; {(Served is { } served ? $"{served} is served instead" : "no other model is undamaged")}";
}
