using System.Text.Json.Serialization;

namespace RecSys.Client;

/// <summary>One interaction of a user with an item: a body or row of <c>POST /v1/interactions</c>.</summary>
/// <remarks>Unknown members are refused.</remarks>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record InteractionBody
{
    /// <summary>Gets the user.</summary>
    /// <value>1 to 512 bytes of UTF-8; <c>.</c>, <c>..</c> and U+0000 are refused.</value>
    public required string UserId { get; init; }

    /// <summary>Gets the item; it need not be in the catalogue.</summary>
    /// <value>1 to 512 bytes of UTF-8; <c>.</c>, <c>..</c> and U+0000 are refused.</value>
    public required string ItemId { get; init; }

    /// <summary>Gets the type of interaction: one of the configured types.</summary>
    /// <value>
    /// By default <c>view</c>, <c>click</c>, <c>like</c>, <c>dislike</c>, <c>addToCart</c>, <c>removeFromCart</c>,
    /// <c>purchase</c>, <c>rating</c> or <c>hide</c>.
    /// </value>
    public required string Type { get; init; }

    /// <summary>Gets the time of the interaction.</summary>
    /// <value>From 1970 to 24 h after the server's current time, with an offset; the server's current time if absent.</value>
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>Gets the value of the interaction, such as the stars of a rating.</summary>
    /// <value>A finite number.</value>
    public double? Value { get; init; }

    /// <summary>Gets the <see cref="RecommendationsResponse.RecommendationId"/> of the slate that led to it.</summary>
    public string? RecommendationId { get; init; }

    /// <summary>Gets the context.</summary>
    public ContextBody? Context { get; init; }

    /// <summary>Gets the caller's id of the interaction: a repeat with the same id counts once in a profile.</summary>
    /// <value>1 to 512 bytes of UTF-8; <c>.</c>, <c>..</c> and U+0000 are refused.</value>
    public string? Id { get; init; }
}

/// <summary>The context of an interaction or of a request for recommendations.</summary>
/// <remarks>Unknown members are refused.</remarks>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ContextBody
{
    /// <summary>Gets the user's location, in the caller's own words, such as a country or a shop.</summary>
    public string? Location { get; init; }

    /// <summary>Gets the kind of device, in the caller's own words, such as <c>phone</c>.</summary>
    public string? Device { get; init; }

    /// <summary>Gets the user's local time.</summary>
    /// <value>With an offset, which gives the hour of the user's day.</value>
    public DateTimeOffset? Time { get; init; }

    /// <summary>Gets numbers about the session, by name.</summary>
    /// <value>Finite numbers.</value>
    public Dictionary<string, double>? SessionFeatures { get; init; }
}
