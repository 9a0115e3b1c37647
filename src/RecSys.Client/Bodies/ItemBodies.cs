using System.Text.Json;
using System.Text.Json.Serialization;

namespace RecSys.Client;

/// <summary>Content of an item.</summary>
public abstract record ItemFields
{
    /// <summary>Gets the title.</summary>
    public string? Title { get; init; }

    /// <summary>Gets the categories of the item, most important first.</summary>
    /// <value>In a PATCH: if absent they are kept; an empty array removes them.</value>
    public IReadOnlyList<string>? Categories { get; init; }

    /// <summary>Gets the labels of the item: strings, numbers, booleans or arrays of strings, by name.</summary>
    /// <value>In a PATCH an absent label is kept and a label of <c>null</c> is removed.</value>
    public Dictionary<string, JsonElement>? Labels { get; init; }

    /// <summary>Gets the text that describes the item; similarity of content uses its words.</summary>
    public string? Text { get; init; }

    /// <summary>Gets the time from which the item may be recommended.</summary>
    /// <value>No limit if absent.</value>
    public DateTimeOffset? AvailableFrom { get; init; }

    /// <summary>Gets the time until which the item may be recommended, exclusive.</summary>
    /// <value>No limit if absent.</value>
    public DateTimeOffset? AvailableUntil { get; init; }

    /// <summary>Gets whether the item is hidden from all slates.</summary>
    /// <value>If absent it is unchanged, in a PUT too; <see langword="false"/> for a new item.</value>
    public bool? Hidden { get; init; }

    /// <summary>Gets the price, whose decimals are kept as given, such as 19.90.</summary>
    /// <value>0 to 1,000,000,000,000 with at most 6 decimals.</value>
    public decimal? Price { get; init; }

    /// <summary>Gets the currency of the price.</summary>
    /// <value>Three capital letters of ISO 4217, such as <c>EUR</c>.</value>
    public string? Currency { get; init; }

    /// <summary>Gets the link to a picture of the item.</summary>
    /// <value>A link that begins with <c>https://</c>, <c>http://</c> or a single <c>/</c>, of at most 2,048 bytes of UTF-8.</value>
    public string? Image { get; init; }

    /// <summary>Gets the link to the item's page in the shop.</summary>
    /// <value>A link of the same form as <see cref="Image"/>.</value>
    public string? Url { get; init; }

    /// <summary>Gets the number of pieces in stock; at 0 no slate shows the item.</summary>
    /// <value>0 to 1,000,000,000; absent: not counted.</value>
    public int? Stock { get; init; }
}

/// <summary>The body of <c>PUT</c> and <c>PATCH /v1/items/{itemId}</c>.</summary>
/// <remarks>
/// PUT replaces the whole item except <see cref="ItemFields.Hidden"/>, PATCH the members that are present; to remove a member other than a label or
/// the categories, PUT the item without it. Unknown members are refused.
/// </remarks>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ItemBody : ItemFields;

/// <summary>One row of <c>POST</c> and <c>PATCH /v1/items:batch</c>; replaces or changes the item, as PUT and PATCH do, or deletes it.</summary>
/// <remarks>Unknown members are refused.</remarks>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ItemRow : ItemFields
{
    /// <summary>Gets the id of the item.</summary>
    /// <value>1 to 512 bytes of UTF-8; <c>.</c>, <c>..</c> and U+0000 are refused.</value>
    public required string ItemId { get; init; }

    /// <summary>Gets whether the row deletes the item.</summary>
    /// <value>If <see langword="true"/>, the row has no other member than <see cref="ItemId"/>. If absent: <see langword="false"/>.</value>
    public bool? Deleted { get; init; }
}

/// <summary>An item of the catalogue.</summary>
public sealed record ItemResponse : ItemFields
{
    /// <summary>Gets the id of the item.</summary>
    public required string ItemId { get; init; }

    /// <summary>Gets the time of the newest write of the item.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }
}

/// <summary>One page of the catalogue.</summary>
public sealed record ItemPage
{
    /// <summary>Gets the items of the page.</summary>
    public required IReadOnlyList<ItemResponse> Items { get; init; }

    /// <summary>Gets the cursor of the following page.</summary>
    /// <value>Absent on the last page.</value>
    public string? Next { get; init; }
}
