using System.Text.RegularExpressions;
using RecSys.Core;

namespace RecSys.Cli.Settings;

/// <summary>One type of interaction. Section <c>recsys:interactionTypes</c>, a list.</summary>
internal sealed partial class InteractionTypeOptions
{
    /// <summary>Gets or sets the name of the type in requests: 1 to 512 bytes of UTF-8.</summary>
    /// <value>No default: it must be set.</value>
    public string Name { get; set; } = "";

    /// <summary>Gets or sets the built-in type that this type behaves like: which older interactions it replaces, whether repeats add up, and whether slates show the item again.</summary>
    /// <value>The default follows from the other settings: rating if <c>isRating</c>, dislike if the weight is below 0, purchase if <c>comesBack</c> is false, otherwise view.</value>
    public InteractionKind? Like { get; set; }

    /// <summary>Gets or sets the weight of one interaction: above 0 for a liked item, below 0 for a disliked one, 0 if the interaction is only recorded.</summary>
    /// <value>The default is the weight of <c>like</c>; 1 without it. Any finite number for a type like view or click, below 0 for one like dislike or hide, otherwise at least 0.</value>
    public float? Weight { get; set; }

    /// <summary>Gets or sets whether slates may show an item again after an interaction of this type.</summary>
    /// <value>The default is that of the built-in type in <c>like</c>: true for view, click and removeFromCart, otherwise false.</value>
    public bool? ComesBack { get; set; }

    /// <summary>Gets or sets whether the value of an interaction is a rating of 1 to 5 that scales the weight: 5 gives 3/2 of it, 2 gives 0, 1 gives −1/2. The same as <c>like</c> rating.</summary>
    /// <value>The default is false.</value>
    public bool IsRating { get; set; }

    /// <summary>Gets or sets the rating of items that are liked least, such as 0 for ratings of 0 to 100; a lower one counts as this one.</summary>
    /// <value>The default is 1; any finite number below ratingMax.</value>
    public double RatingMin { get; set; } = 1;

    /// <summary>Gets or sets the rating of items that are liked most; a higher one counts as this one.</summary>
    /// <value>The default is 5; any finite number above ratingMin.</value>
    public double RatingMax { get; set; } = 5;

    /// <summary>Gets or sets what the user did, in the past tense, as reasons word it: "played" gives "Because you played “Song”".</summary>
    /// <value>
    /// The default is the words of the built-in type, such as "viewed", if <c>like</c> names it or the name contains its name or a usual one (<c>product_view</c>, <c>order</c>); otherwise none: reasons then say "chose". 1 to 40 characters.
    /// </value>
    public string? Did { get; set; }

    /// <summary>Returns the type.</summary>
    /// <exception cref="ArgumentException">The settings contradict each other.</exception>
    public InteractionType ToType()
    {
        if (IsRating && Like is not (null or InteractionKind.Rating))
        {
            throw new ArgumentException($"'{Name}' has isRating and is like {Like}; remove one of them");
        }

        InteractionKind kind = Like
            ?? (IsRating ? InteractionKind.Rating
                : Weight < 0 ? InteractionKind.Dislike
                : ComesBack is false ? InteractionKind.Purchase
                : InteractionKind.View);
        float weight = Weight ?? (Like is null ? 1 : InteractionTypes.Default.All.FirstOrDefault(type => type.Kind == kind)?.Weight ?? 1);
        bool hasWords = Like is not null || kind is not (InteractionKind.View or InteractionKind.Dislike or InteractionKind.Purchase) || NamesKind(Name, kind);
        InteractionType type = new(Name, weight, kind)
        {
            RatingMin = RatingMin,
            RatingMax = RatingMax,
            Did = Did ?? (hasWords ? InteractionType.DidOf(kind) : null),
        };
        return ComesBack is not { } comesBack || comesBack == (type.SeenRule != SeenRule.Exclude)
            ? type
            : type with { SeenRule = comesBack ? SeenRule.Demote : SeenRule.Exclude };
    }

    /// <summary>Returns whether the name of a type contains a usual word for its kind.</summary>
    private static bool NamesKind(string name, InteractionKind kind)
    {
        string[] usual = kind switch
        {
            InteractionKind.View => ["view", "viewed", "pageview", "look", "looked", "visit", "visited"],
            InteractionKind.Dislike => ["dislike", "disliked", "downvote"],
            _ => ["purchase", "purchased", "buy", "bought", "order", "ordered", "transaction"],
        };
        return WordBoundary().Split(name).Any(word => usual.Contains(word, StringComparer.OrdinalIgnoreCase));
    }

    // Between a lower-case and an upper-case letter, and at every run of other characters.
    [GeneratedRegex("(?<=[a-z])(?=[A-Z])|[^a-zA-Z]+")]
    private static partial Regex WordBoundary();
}
