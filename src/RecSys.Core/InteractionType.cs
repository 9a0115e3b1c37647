namespace RecSys.Core;

/// <summary>A type of interaction: its weight, and whether slates may show the item again.</summary>
/// <param name="Name">Name of the type in requests: an id.</param>
/// <param name="Weight">Weight of an interaction: above 0 for a liked item, below 0 for a disliked one, 0 if it is only recorded.</param>
/// <param name="ComesBack">Whether slates may show the item again.</param>
public sealed record InteractionType(string Name, float Weight, bool ComesBack)
{
    /// <summary>Gets whether the interaction's value is a rating that replaces the weight (see <see cref="InteractionTypes.WeightOf"/>).</summary>
    public bool IsRating { get; init; }
}
