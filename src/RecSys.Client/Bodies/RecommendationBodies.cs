using System.Text.Json;
using System.Text.Json.Serialization;

namespace RecSys.Client;

/// <summary>Body of <c>POST /v1/recommendations</c>: a user, an anonymous session or a basket, and optionally a context.</summary>
/// <remarks>Unknown members are refused.</remarks>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record RecommendationRequest
{
    /// <summary>Gets the user.</summary>
    /// <value>Absent for an anonymous session, of which only <see cref="Items"/> are known.</value>
    public string? UserId { get; init; }

    /// <summary>Gets the items seen in this session or in the basket, oldest first; the newest is the current one.</summary>
    /// <remarks>The slate may show the items of a session before the newest again; for a basket, set <see cref="Seen"/> to <c>exclude</c>.</remarks>
    public IReadOnlyList<string>? Items { get; init; }

    /// <summary>Gets the number of items.</summary>
    /// <value>1 to 100; if absent 10, or with <see cref="Candidates"/> their number, at most 100.</value>
    public int? Count { get; init; }

    /// <summary>Gets the items to rank: the slate contains no others. Unknown items are last.</summary>
    /// <value>1 to 1,000 items; if absent, the slate is chosen from all items.</value>
    public IReadOnlyList<string>? Candidates { get; init; }

    /// <summary>Gets how items are treated with which the user has interacted in any way except dislike and hide.</summary>
    /// <value><c>exclude</c>, <c>demote</c> or <c>allow</c>; if absent, by the rule of each interaction type.</value>
    public string? Seen { get; init; }

    /// <summary>Gets the category that items must have.</summary>
    public string? Category { get; init; }

    /// <summary>Gets the scenario, such as <c>home</c>; <c>lookAgain</c> requests items that the user has seen and that may be shown again.</summary>
    public string? Scenario { get; init; }

    /// <summary>Gets the items that the slate must not show.</summary>
    public IReadOnlyList<string>? Exclude { get; init; }

    /// <summary>Gets the weight of variety against score.</summary>
    /// <value>0 (score only) to 1; the server's setting if absent.</value>
    public double? Diversity { get; init; }

    /// <summary>Gets the context.</summary>
    public ContextBody? Context { get; init; }

    /// <summary>Gets the <see cref="RecommendationsResponse.Next"/> of the preceding page.</summary>
    public string? Next { get; init; }

    /// <summary>Gets the position that the answer must reflect; the request waits for it within its deadline.</summary>
    public string? After { get; init; }
}

/// <summary>A slate for a user or a session.</summary>
public sealed record RecommendationsResponse
{
    /// <summary>Gets the id of the slate, which callers send with the interactions that it led to.</summary>
    public required string RecommendationId { get; init; }

    /// <summary>Gets the version of the model that was used.</summary>
    /// <value>Absent if none was used.</value>
    public string? ModelVersion { get; init; }

    /// <summary>Gets the degradation tier that answered; <c>full</c> is the best.</summary>
    public required string ServedBy { get; init; }

    /// <summary>Gets whether a part is missing from the answer.</summary>
    public required bool Degraded { get; init; }

    /// <summary>Gets the missing parts, with reasons.</summary>
    public IReadOnlyList<string>? DegradedReasons { get; init; }

    /// <summary>Gets whether the answer contains no scores of a model for the user: there is no model, it has no liked item of the history, or the answer comes from the lists that are the same for all users (trending, latest).</summary>
    public bool? ColdUser { get; init; }

    /// <summary>Gets the age of the oldest record that the answer may not reflect, in milliseconds.</summary>
    /// <value>0 or more; 0 if all records are reflected; absent while it is unknown.</value>
    public double? FreshnessMs { get; init; }

    /// <summary>Gets whether the answer reflects the position of <c>after=</c>.</summary>
    /// <value>Absent without <c>after=</c>.</value>
    public bool? Reflected { get; init; }

    /// <summary>Gets the duration of each stage, in milliseconds, by the stage's name.</summary>
    public Dictionary<string, double>? Stages { get; init; }

    /// <summary>Gets the number of candidates of each source, by the source's name.</summary>
    public Dictionary<string, int>? SourceCounts { get; init; }

    /// <summary>Gets the number of candidates that filters removed, by reason.</summary>
    public Dictionary<string, int>? Filtered { get; init; }

    /// <summary>Gets the number of interactions of the profile.</summary>
    /// <value>0 to 1,024.</value>
    public int? InteractionsHeld { get; init; }

    /// <summary>Gets the number of these interactions that are newer than the model.</summary>
    /// <value>0 to <see cref="InteractionsHeld"/>.</value>
    public int? InteractionsSinceModel { get; init; }

    /// <summary>Gets the items, best first.</summary>
    /// <value>0 to the requested count.</value>
    public required IReadOnlyList<RecommendedItem> Items { get; init; }

    /// <summary>Gets the cursor of the next page, which does not repeat items of earlier pages.</summary>
    /// <value>Absent on the last page.</value>
    public string? Next { get; init; }
}

/// <summary>A list of similar, trending, latest or popular items, which is not a user's slate.</summary>
public sealed record ItemsResponse
{
    /// <summary>Gets the id of the list, which callers send with the interactions that it led to.</summary>
    public string? RecommendationId { get; init; }

    /// <summary>Gets the version of the model that was used.</summary>
    /// <value>Absent if none was used.</value>
    public string? ModelVersion { get; init; }

    /// <summary>Gets the degradation tier that answered; <c>full</c> is the best.</summary>
    public required string ServedBy { get; init; }

    /// <summary>Gets whether a part is missing from the answer.</summary>
    public required bool Degraded { get; init; }

    /// <summary>Gets the missing parts, with reasons.</summary>
    public IReadOnlyList<string>? DegradedReasons { get; init; }

    /// <summary>Gets the age of the oldest record that the answer may not reflect, in milliseconds.</summary>
    /// <value>0 or more; 0 if all records are reflected; absent while it is unknown.</value>
    public double? FreshnessMs { get; init; }

    /// <summary>Gets the items, best first.</summary>
    /// <value>0 to the requested count.</value>
    public required IReadOnlyList<RecommendedItem> Items { get; init; }
}

/// <summary>An item of a slate, with its reason.</summary>
public sealed record RecommendedItem
{
    /// <summary>Gets the id of the item.</summary>
    public required string ItemId { get; init; }

    /// <summary>Gets the score; comparable within one slate only. Limits, variety and exploration may place an item before others of higher scores.</summary>
    /// <value>A finite number, higher is better.</value>
    public required double Score { get; init; }

    /// <summary>Gets the confidence. If <c>confidenceFitted</c> of <c>GET /v1/status</c> is true, that of a recommendation is a probability: that the item is among the user's next ten liked ones, unless the settings have a curve of their own.</summary>
    /// <value>0 to 1.</value>
    public required double Confidence { get; init; }

    /// <summary>Gets the reason, as text for people.</summary>
    public required string Explanation { get; init; }

    /// <summary>Gets the inputs of the ranker, by name.</summary>
    public required Dictionary<string, double> Features { get; init; }

    /// <summary>Gets the candidate sources that returned the item.</summary>
    public required IReadOnlyList<string> Sources { get; init; }

    /// <summary>Gets the time of the user's last interaction with the item.</summary>
    /// <value>Absent if the history does not have the item.</value>
    public DateTimeOffset? SeenAt { get; init; }

    /// <summary>Gets whether the item is unknown: the request gave it as a candidate, and it is ranked after all others.</summary>
    /// <value>Absent if the item is known.</value>
    public bool? Unknown { get; init; }

    /// <summary>Gets the item's title, if the catalogue has one.</summary>
    public string? Title { get; init; }

    /// <summary>Gets the item's categories, if the catalogue has any.</summary>
    public IReadOnlyList<string>? Categories { get; init; }

    /// <summary>Gets the item's labels, if the catalogue has any.</summary>
    public Dictionary<string, JsonElement>? Labels { get; init; }

    /// <summary>Gets the item's price, where the catalogue has one.</summary>
    public decimal? Price { get; init; }

    /// <summary>Gets the currency of the price, three letters of ISO 4217.</summary>
    public string? Currency { get; init; }

    /// <summary>Gets the link to a picture of the item.</summary>
    public string? Image { get; init; }

    /// <summary>Gets the link to the item's page in the shop.</summary>
    public string? Url { get; init; }

    /// <summary>Gets the number of pieces in stock, where they are counted.</summary>
    public int? Stock { get; init; }
}
