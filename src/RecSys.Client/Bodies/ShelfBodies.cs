using System.Text.Json.Serialization;

namespace RecSys.Client;

/// <summary>Body of <c>POST /v1/recommendations:batch</c>: the shelves of one page.</summary>
/// <remarks>Unknown members are refused.</remarks>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ShelvesRequest
{
    /// <summary>Gets the user.</summary>
    /// <value>Absent for an anonymous session, of which only <see cref="Items"/> are known.</value>
    public string? UserId { get; init; }

    /// <summary>Gets the items seen in this session, oldest first; the newest is the current one.</summary>
    public IReadOnlyList<string>? Items { get; init; }

    /// <summary>Gets the context.</summary>
    public ContextBody? Context { get; init; }

    /// <summary>Gets the position that the answer must reflect; the request waits for it within its deadline.</summary>
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
    /// <value>1 to 512 characters, unique on the page.</value>
    public required string Name { get; init; }

    /// <summary>Gets the kind of items of the shelf.</summary>
    /// <value><c>recommended</c>, <c>similar</c>, <c>trending</c>, <c>latest</c> or <c>popular</c>; <c>recommended</c> if absent.</value>
    public string? Kind { get; init; }

    /// <summary>Gets the item to which the items of a similar shelf are similar.</summary>
    public string? ItemId { get; init; }

    /// <summary>Gets the number of items.</summary>
    /// <value>1 to 100; 10 if absent.</value>
    public int? Count { get; init; }

    /// <summary>Gets the category that items must have.</summary>
    public string? Category { get; init; }

    /// <summary>Gets the window of a trending shelf: the half-life of the weights.</summary>
    /// <value><c>hour</c>, <c>day</c>, <c>week</c> or <c>allTime</c>; <c>day</c> if absent.</value>
    public string? Window { get; init; }

    /// <summary>Gets the scenario of a recommended shelf; <c>lookAgain</c> requests items that the user has seen and that may be shown again.</summary>
    public string? Scenario { get; init; }

    /// <summary>Gets the items that the shelf must not show.</summary>
    public IReadOnlyList<string>? Exclude { get; init; }

    /// <summary>Gets the weight of variety against score on a recommended shelf.</summary>
    /// <value>0 (score only) to 1; the server's setting if absent.</value>
    public double? Diversity { get; init; }

    /// <summary>Gets how items that the user has seen are treated on a recommended shelf.</summary>
    /// <value><c>exclude</c>, <c>demote</c> or <c>allow</c>; if absent, by the rule of each interaction type.</value>
    public string? Seen { get; init; }
}

/// <summary>The shelves of one page; no item is on two of them.</summary>
public sealed record ShelvesResponse
{
    /// <summary>Gets the shelves, in the order of the request.</summary>
    public required IReadOnlyList<ShelfResponse> Shelves { get; init; }
}

/// <summary>A filled shelf of a page.</summary>
public sealed record ShelfResponse
{
    /// <summary>Gets the name of the shelf, as in the request.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the items, in the form of a slate; a shelf of another kind than <c>recommended</c> lacks the members that only a slate has.</summary>
    /// <value>If no part of a shelf could be computed, it has no items, <see cref="RecommendationsResponse.ServedBy"/> is <c>nothing</c>, and <see cref="RecommendationsResponse.DegradedReasons"/> has the reasons.</value>
    public required RecommendationsResponse Slate { get; init; }
}
