namespace RecSys.Core;

/// <summary>One kind of interaction, what it counts, and whether an item so touched still comes back in slates.</summary>
/// <param name="Name">Its name, as callers send it: an id.</param>
/// <param name="Weight">What it counts: above 0 is liking, below 0 disliking, 0 is noted only.</param>
/// <param name="ComesBack">Whether an item touched so may be recommended again.</param>
public sealed record InteractionType(string Name, float Weight, bool ComesBack)
{
    /// <summary>Whether the interaction's value is a rating that replaces the weight (see <see cref="InteractionTypes.WeightOf"/>).</summary>
    public bool IsRating { get; init; }
}
