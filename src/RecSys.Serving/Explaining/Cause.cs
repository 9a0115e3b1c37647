namespace RecSys.Serving.Explaining;

/// <summary>The interaction that explains a feature of a candidate best.</summary>
/// <param name="At">Its index in the history; −1 if there is none.</param>
/// <param name="Value">Its contribution.</param>
/// <param name="Most">The largest contribution of any interaction, also of those that do not count.</param>
internal readonly record struct Cause(int At, float Value, float Most)
{
    /// <summary>Gets the result for a feature without a cause.</summary>
    public static Cause None { get; } = new(-1, 0, 0);
}
