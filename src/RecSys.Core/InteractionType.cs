namespace RecSys.Core;

/// <summary>A type of interaction: its weight, and the built-in kind that it behaves like.</summary>
/// <param name="Name">Name of the type in requests: an id.</param>
/// <param name="Weight">Weight of an interaction: above 0 for a liked item, below 0 for a disliked one, 0 if it is only recorded.</param>
/// <param name="Kind">The kind that it behaves like.</param>
public sealed record InteractionType(string Name, float Weight, InteractionKind Kind)
{
    /// <summary>The largest number of characters of <see cref="Did"/>.</summary>
    public const int DidLengthMax = 40;

    /// <summary>The default scale of ratings, on which the weights are defined; other scales are mapped to it.</summary>
    private const double StarsMin = 1;
    private const double StarsMax = 5;
    private const double StarsOfNoWeight = 2;

    /// <summary>Gets the rating of items that are liked least.</summary>
    public double RatingMin { get; init; } = StarsMin;

    /// <summary>Gets the rating of items that are liked most.</summary>
    public double RatingMax { get; init; } = StarsMax;

    // invariant: RatingMin < RatingMax

    /// <summary>Gets whether slates show the item again; by default the rule of the kind.</summary>
    public SeenRule SeenRule { get; init; } = SeenRuleOf(Kind);

    /// <summary>Gets what the user did, in the past tense and before the item: "viewed"; null if the type has no words. By default the words of the kind.</summary>
    public string? Did { get; init; } = DidOf(Kind);

    /// <summary>Returns the words of a kind in the past tense.</summary>
    public static string DidOf(InteractionKind kind) => kind switch
    {
        InteractionKind.View => "viewed",
        InteractionKind.Click => "clicked",
        InteractionKind.Like => "liked",
        InteractionKind.Dislike => "disliked",
        InteractionKind.AddToCart => "added to the cart",
        InteractionKind.RemoveFromCart => "taken out of the cart",
        InteractionKind.Purchase => "bought",
        InteractionKind.Rating => "rated",
        _ => "hid",
    };

    /// <summary>Returns the rule of a kind: bought, in the cart, rated, liked, disliked and hidden items are left out of slates.</summary>
    public static SeenRule SeenRuleOf(InteractionKind kind) => kind switch
    {
        InteractionKind.View or InteractionKind.Click => SeenRule.Demote,
        InteractionKind.RemoveFromCart => SeenRule.Allow,
        _ => SeenRule.Exclude,
    };

    /// <summary>Returns the weight of an interaction of this type.</summary>
    /// <param name="value">
    /// The interaction's value, which changes the weight of a rating only. On a scale from 1 to 5 the weight is −<see cref="Weight"/>/2 at 1, 0 at 2, and 3/2 · <see cref="Weight"/> at 5. A rating from <see cref="RatingMin"/> to
    /// <see cref="RatingMax"/> is mapped linearly to 1 to 5; a rating outside counts as the nearer end.
    /// </param>
    public float WeightOf(double? value) =>
        Kind == InteractionKind.Rating && value is { } rating
            ? Weight * (float)((StarsOf(Math.Clamp(rating, RatingMin, RatingMax)) - StarsOfNoWeight) / 2)
            : Weight;

    private double StarsOf(double rating) =>
        RatingMin == StarsMin && RatingMax == StarsMax ? rating : StarsMin + ((StarsMax - StarsMin) * ((rating - RatingMin) / (RatingMax - RatingMin)));

    /// <summary>Returns the problem of the type's weight or scale, or null.</summary>
    internal string? Problem() =>
        !double.IsFinite(RatingMax - RatingMin) || RatingMin >= RatingMax ? $"ratingMin of '{Name}' must be below its ratingMax, and both finite"
        : Did is { } did && (did.Length is 0 or > DidLengthMax || did.Any(char.IsControl)) ? $"did of '{Name}' must have 1 to {DidLengthMax} characters, none of them a control character"
        : !float.IsFinite(Weight) ? $"the weight of '{Name}' is not finite"
        : !Enum.IsDefined(Kind) ? $"the kind of '{Name}' is {Kind}; {string.Join(", ", Enum.GetValues<InteractionKind>().Select(NameOf))} are allowed"
        : Kind is InteractionKind.Dislike or InteractionKind.Hide && Weight >= 0 ? $"the weight of '{Name}' is {Weight}; a type like {NameOf(Kind)} needs a weight below 0"
        : Kind is not (InteractionKind.View or InteractionKind.Click or InteractionKind.Dislike or InteractionKind.Hide) && Weight < 0
            ? $"the weight of '{Name}' is {Weight}; a type like {NameOf(Kind)} needs a weight of at least 0"
        : null;

    /// <summary>Returns the name of the built-in type of a kind.</summary>
    public static string NameOf(InteractionKind kind) => char.ToLowerInvariant(kind.ToString()[0]) + kind.ToString()[1..];
}
