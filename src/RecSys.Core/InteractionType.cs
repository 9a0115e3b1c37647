namespace RecSys.Core;

/// <summary>A type of interaction: its weight, and the built-in kind that it behaves like.</summary>
/// <param name="Name">Name of the type in requests: an id.</param>
/// <param name="Weight">Weight of an interaction: above 0 for a liked item, below 0 for a disliked one, 0 if it is only recorded.</param>
/// <param name="Kind">The kind that it behaves like.</param>
public sealed record InteractionType(string Name, float Weight, InteractionKind Kind)
{
    private const double RatingMin = 1;
    private const double RatingMax = 5;
    private const double RatingOfNoWeight = 2;

    /// <summary>Gets whether slates show the item again; by default the rule of the kind.</summary>
    public SeenRule SeenRule { get; init; } = SeenRuleOf(Kind);

    /// <summary>Returns the rule of a kind: bought, in the cart, rated, liked, disliked and hidden items are left out of slates.</summary>
    public static SeenRule SeenRuleOf(InteractionKind kind) => kind switch
    {
        InteractionKind.View or InteractionKind.Click => SeenRule.Demote,
        InteractionKind.RemoveFromCart => SeenRule.Allow,
        _ => SeenRule.Exclude,
    };

    /// <summary>Returns the weight of an interaction of this type.</summary>
    /// <param name="value">The interaction's value: of a rating, 1 to 5 weighs from −weight/2 (1) over 0 (2) to 3/2 weight (5).</param>
    public float WeightOf(double? value) =>
        Kind == InteractionKind.Rating && value is { } rating
            ? Weight * (float)((Math.Clamp(rating, RatingMin, RatingMax) - RatingOfNoWeight) / 2)
            : Weight;

    /// <summary>Returns the problem of the type's weight, or null.</summary>
    internal string? Problem() =>
        !float.IsFinite(Weight) ? $"the weight of '{Name}' is not finite"
        : !Enum.IsDefined(Kind) ? $"the kind of '{Name}' is {Kind}; {string.Join(", ", Enum.GetValues<InteractionKind>().Select(NameOf))} are allowed"
        : Kind is InteractionKind.Dislike or InteractionKind.Hide && Weight >= 0 ? $"the weight of '{Name}' is {Weight}; a type like {NameOf(Kind)} needs a weight below 0"
        : Kind is not (InteractionKind.View or InteractionKind.Click or InteractionKind.Dislike or InteractionKind.Hide) && Weight < 0
            ? $"the weight of '{Name}' is {Weight}; a type like {NameOf(Kind)} needs a weight of at least 0"
        : null;

    private static string NameOf(InteractionKind kind) => char.ToLowerInvariant(kind.ToString()[0]) + kind.ToString()[1..];
}
