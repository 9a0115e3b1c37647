namespace RecSys.Client;

/// <summary>The configured types of interactions.</summary>
public sealed record InteractionTypesResponse
{
    /// <summary>Gets the types, in the order of the settings.</summary>
    public required IReadOnlyList<InteractionTypeEntry> Types { get; init; }
}

/// <summary>A configured type of interactions.</summary>
public sealed record InteractionTypeEntry
{
    /// <summary>Gets the name, which interactions carry in <see cref="InteractionBody.Type"/>.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the built-in type that it behaves like: view, click, like, dislike, addToCart, removeFromCart, purchase, rating or hide.</summary>
    public string? Like { get; init; }

    /// <summary>Gets what the user did, in the past tense: "viewed".</summary>
    /// <value>Absent if the settings give no words for a type of their own.</value>
    public string? Did { get; init; }

    /// <summary>Gets the weight of one interaction.</summary>
    /// <value>Above 0 for a liked item, below 0 for a disliked one, 0 if it is only recorded.</value>
    public required double Weight { get; init; }

    /// <summary>Gets whether the interaction's value is a rating that scales the weight.</summary>
    public required bool IsRating { get; init; }

    /// <summary>Gets the rating of items that are liked least.</summary>
    /// <value>Absent unless the value is a rating.</value>
    public double? RatingMin { get; init; }

    /// <summary>Gets the rating of items that are liked most.</summary>
    /// <value>Absent unless the value is a rating.</value>
    public double? RatingMax { get; init; }

    /// <summary>Gets whether slates may show the item again after such an interaction.</summary>
    public required bool ComesBack { get; init; }
}

/// <summary>The most recently active users.</summary>
public sealed record RecentUsersResponse
{
    /// <summary>Gets the users, newest first.</summary>
    /// <value>0 to the requested count.</value>
    public required IReadOnlyList<RecentUser> Users { get; init; }
}

/// <summary>A recently active user.</summary>
public sealed record RecentUser
{
    /// <summary>Gets the user.</summary>
    public required string UserId { get; init; }

    /// <summary>Gets the time of the user's newest interaction.</summary>
    public required DateTimeOffset LastInteractionAt { get; init; }
}
