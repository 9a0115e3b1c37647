namespace RecSys.Serving.Explaining;

/// <summary>The interaction that explains a feature of a candidate best.</summary>
/// <param name="At">The index of the interaction in the history; −1 if there is none.</param>
/// <param name="Value">The contribution of the interaction to the feature.</param>
/// <param name="Most">The largest contribution of any interaction, including those that the search skipped.</param>
internal readonly record struct Cause(int At, float Value, float Most)
{
    /// <summary>Gets the value for a feature to which no interaction contributes.</summary>
    public static Cause None { get; } = new(-1, 0, 0);
}
