using System.Text.Json.Serialization;

namespace RecSys.Client;

/// <summary>One interaction of a user with an item, as <c>POST /v1/interactions</c> takes it.</summary>
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

    /// <summary>Gets the kind of interaction: one of the configured kinds.</summary>
    /// <value>
    /// By default <c>view</c>, <c>click</c>, <c>like</c>, <c>dislike</c>, <c>addToCart</c>, <c>purchase</c>,
    /// <c>rating</c> or <c>hide</c>.
    /// </value>
    public required string Type { get; init; }

    /// <summary>Gets when it happened.</summary>
    /// <value>1970 to the server's now + 24 h, with an offset; the server's now if absent.</value>
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>Gets the strength of it, such as the stars of a rating.</summary>
    /// <value>A finite number.</value>
    public double? Value { get; init; }

    /// <summary>Gets the <see cref="RecommendationsResponse.RecommendationId"/> of the slate that led to it.</summary>
    public string? RecommendationId { get; init; }

    /// <summary>Gets the circumstances.</summary>
    public ContextBody? Context { get; init; }

    /// <summary>Gets the name under which a repeat of this interaction is known: it counts once in a profile.</summary>
    /// <value>1 to 512 bytes of UTF-8; <c>.</c>, <c>..</c> and U+0000 are refused.</value>
    public string? Id { get; init; }
}

/// <summary>The circumstances of an interaction or of a request for recommendations.</summary>
/// <remarks>Unknown members are refused.</remarks>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ContextBody
{
    /// <summary>Gets where the user is, in the caller's own words, such as a country or a shop.</summary>
    public string? Location { get; init; }

    /// <summary>Gets the kind of device, in the caller's own words, such as <c>phone</c>.</summary>
    public string? Device { get; init; }

    /// <summary>Gets the user's time.</summary>
    /// <value>With an offset, so that the hour of the user's day is known.</value>
    public DateTimeOffset? Time { get; init; }

    /// <summary>Gets numbers about the session, by name.</summary>
    /// <value>Finite numbers.</value>
    public Dictionary<string, double>? SessionFeatures { get; init; }
}
