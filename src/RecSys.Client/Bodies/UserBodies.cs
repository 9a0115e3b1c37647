using System.Text.Json;
using System.Text.Json.Serialization;

namespace RecSys.Client;

/// <summary>Labels and consent of a user.</summary>
public abstract record UserFields
{
    /// <summary>Gets the labels of the user: strings, numbers, booleans or arrays of strings, by name.</summary>
    /// <value>At most 256. In a PATCH an absent label is kept and a label of <c>null</c> is removed.</value>
    public Dictionary<string, JsonElement>? Labels { get; init; }

    /// <summary>Gets whether the user agrees to be profiled.</summary>
    /// <value>If absent it is unchanged, in a PUT too; unset for a new user.</value>
    public bool? Consent { get; init; }
}

/// <summary>The body of <c>PUT</c> and <c>PATCH /v1/users/{userId}</c>.</summary>
/// <remarks>PUT replaces all labels, PATCH those that are present; neither changes consent unless it is present. Unknown members are refused.</remarks>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record UserBody : UserFields;

/// <summary>One row of <c>POST</c> and <c>PATCH /v1/users:batch</c>; replaces or changes the user's labels, as PUT and PATCH do.</summary>
/// <remarks>Unknown members are refused.</remarks>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record UserRow : UserFields
{
    /// <summary>Gets the user.</summary>
    /// <value>1 to 512 bytes of UTF-8; <c>.</c>, <c>..</c> and U+0000 are refused.</value>
    public required string UserId { get; init; }

    /// <summary>Gets the users that are merged into this one, as by <c>:merge</c>.</summary>
    /// <value>At most 16 ids. If absent, no user is merged; earlier merges are kept.</value>
    public IReadOnlyList<string>? MergedFrom { get; init; }
}

/// <summary>The profile of a user.</summary>
public sealed record UserResponse : UserFields
{
    /// <summary>Gets the user.</summary>
    public required string UserId { get; init; }

    /// <summary>Gets the number of interactions of the profile.</summary>
    /// <value>0 to 1,024.</value>
    public int InteractionsHeld { get; init; }

    /// <summary>Gets the time of the newest interaction.</summary>
    public DateTimeOffset? LastInteractionAt { get; init; }

    /// <summary>Gets whether the answer lacks the interactions of users merged into this one: it contains those of at most 16.</summary>
    /// <value>Absent if it lacks none.</value>
    public bool? MergedUsersLeftOut { get; init; }

    /// <summary>Gets whether the answer reflects the position of <c>after=</c>.</summary>
    /// <value>Absent without <c>after=</c>.</value>
    public bool? Reflected { get; init; }
}

/// <summary>Body of <c>POST /v1/users/{target}:merge</c>.</summary>
/// <remarks>Unknown members are refused.</remarks>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record MergeBody
{
    /// <summary>Gets the user, such as an anonymous visitor, that is merged into the target.</summary>
    /// <value>1 to 512 bytes of UTF-8; <c>.</c>, <c>..</c> and U+0000 are refused.</value>
    public required string From { get; init; }
}

/// <summary>Body of <c>POST /v1/users:erase</c>.</summary>
/// <remarks>Unknown members are refused.</remarks>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record EraseBody
{
    /// <summary>Gets the user to erase.</summary>
    /// <value>1 to 512 bytes of UTF-8; U+0000 is allowed here, since earlier versions stored such ids.</value>
    public required string UserId { get; init; }
}

/// <summary>The newest interactions of a user.</summary>
public sealed record HistoryResponse
{
    /// <summary>Gets the interactions, newest first.</summary>
    /// <value>0 to 1,024 interactions.</value>
    public required IReadOnlyList<HistoryEntry> Items { get; init; }

    /// <summary>Gets the opaque position that the history reflects.</summary>
    public required string Position { get; init; }

    /// <summary>Gets whether the answer lacks the interactions of users merged into this one: it contains those of at most 16.</summary>
    /// <value>Absent if it lacks none.</value>
    public bool? MergedUsersLeftOut { get; init; }

    /// <summary>Gets whether the answer reflects the position of <c>after=</c>.</summary>
    /// <value>Absent without <c>after=</c>.</value>
    public bool? Reflected { get; init; }
}

/// <summary>One interaction of a history.</summary>
public sealed record HistoryEntry
{
    /// <summary>Gets the item.</summary>
    public required string ItemId { get; init; }

    /// <summary>Gets the type of interaction.</summary>
    public required string Type { get; init; }

    /// <summary>Gets the time of the interaction.</summary>
    public required DateTimeOffset Timestamp { get; init; }

    /// <summary>Gets the value of the interaction, if it has one.</summary>
    public double? Value { get; init; }

    /// <summary>Gets the id by which it can be retracted, if it has one.</summary>
    public string? Id { get; init; }

    /// <summary>Gets the item's title, if the catalogue has one.</summary>
    public string? Title { get; init; }
}
