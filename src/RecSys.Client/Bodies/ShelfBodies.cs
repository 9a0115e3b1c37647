using System.Text.Json.Serialization;

namespace RecSys.Client;

/// <summary>Body of <c>POST /v1/recommendations:batch</c>: the shelves of one page.</summary>
/// <remarks>Unknown members are refused.</remarks>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ShelvesRequest
{
    /// <summary>Gets the user.</summary>
    /// <value>Absent: an anonymous session, known by <see cref="Items"/> alone.</value>
    public string? UserId { get; init; }

    /// <summary>Gets the items seen in this session, oldest first; the newest is the one looked at now.</summary>
    public IReadOnlyList<string>? Items { get; init; }

    /// <summary>Gets the circumstances.</summary>
    public ContextBody? Context { get; init; }

    /// <summary>Gets the position that must be reflected; the answer waits for it within its deadline.</summary>
    public string? After { get; init; }

    /// <summary>Gets the shelves in order of priority: an item that several would show is on the first of them.</summary>
    /// <value>1 to 20, of at most 500 items together.</value>
    public required IReadOnlyList<ShelfBody> Shelves { get; init; }
}

/// <summary>A shelf of a page.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ShelfBody
{
    /// <summary>Gets the name by which the answer names the shelf.</summary>
    /// <value>1 to 512 characters; no other shelf of the page has it.</value>
    public required string Name { get; init; }

    /// <summary>Gets what the shelf holds.</summary>
    /// <value><c>recommended</c>, <c>similar</c>, <c>trending</c>, <c>latest</c> or <c>popular</c>; <c>recommended</c> if absent.</value>
    public string? Kind { get; init; }

    /// <summary>Gets the item to which the items of a similar shelf are similar.</summary>
    public string? ItemId { get; init; }

    /// <summary>Gets how many items are wanted.</summary>
    /// <value>1 to 100; 10 if absent.</value>
    public int? Count { get; init; }

    /// <summary>Gets the one category items must belong to.</summary>
    public string? Category { get; init; }

    /// <summary>Gets over what time items of a trending shelf trend.</summary>
    /// <value><c>hour</c>, <c>day</c>, <c>week</c> or <c>allTime</c>; <c>day</c> if absent.</value>
    public string? Window { get; init; }

    /// <summary>Gets the scenario of a recommended shelf; <c>lookAgain</c> asks for what the user has seen and not taken.</summary>
    public string? Scenario { get; init; }

    /// <summary>Gets the items that the shelf must not show.</summary>
    public IReadOnlyList<string>? Exclude { get; init; }

    /// <summary>Gets how much variety counts against score on a recommended shelf.</summary>
    /// <value>0 (score alone) to 1; the server's setting if absent.</value>
    public double? Diversity { get; init; }

    /// <summary>Gets what becomes of items that the user has seen, on a recommended shelf.</summary>
    /// <value><c>exclude</c>, <c>demote</c> or <c>allow</c>; absent: by the rule of each interaction type.</value>
    public string? Seen { get; init; }
}

/// <summary>The shelves of one page, which repeat nothing of each other.</summary>
public sealed record ShelvesResponse
{
    /// <summary>Gets the shelves, in the order of the request.</summary>
    public required IReadOnlyList<ShelfResponse> Shelves { get; init; }
}

/// <summary>A filled shelf of a page.</summary>
public sealed record ShelfResponse
{
    /// <summary>Gets the name of the request.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the items with their state; a shelf that is not of recommended items lacks what only a slate has.</summary>
    /// <value>A shelf that could not be filled is served by <c>nothing</c>, and its <see cref="RecommendationsResponse.DegradedReasons"/> say why.</value>
    public required RecommendationsResponse Slate { get; init; }
}
