using System.Text.Json;
using System.Text.Json.Serialization;

namespace RecSys.Client;

/// <summary>Body of <c>POST /v1/recommendations</c>: a user, an anonymous session, a basket or a rich context.</summary>
/// <remarks>Unknown members are refused.</remarks>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record RecommendationRequest
{
    /// <summary>Gets the user.</summary>
    /// <value>Absent: an anonymous session, known by <see cref="Items"/> alone.</value>
    public string? UserId { get; init; }

    /// <summary>Gets the items seen in this session or laid in the basket, oldest first; the newest is the one looked at now.</summary>
    /// <remarks>A session may return to the items before the newest; send a basket with <see cref="Seen"/> <c>exclude</c>.</remarks>
    public IReadOnlyList<string>? Items { get; init; }

    /// <summary>Gets how many items are wanted.</summary>
    /// <value>1 to 100; if absent 10, and with <see cref="Candidates"/> as many as these, at most 100.</value>
    public int? Count { get; init; }

    /// <summary>Gets the items to rank: the slate holds no others. One that nothing is known of comes last.</summary>
    /// <value>1 to 1,000 items; absent: chosen among all.</value>
    public IReadOnlyList<string>? Candidates { get; init; }

    /// <summary>Gets what becomes of items that the user has seen, whatever was done with them but disliked or hidden.</summary>
    /// <value><c>exclude</c>, <c>demote</c> or <c>allow</c>; absent: by the rule of each interaction type.</value>
    public string? Seen { get; init; }

    /// <summary>Gets the one category items must belong to.</summary>
    public string? Category { get; init; }

    /// <summary>Gets the scenario, such as <c>home</c>; <c>lookAgain</c> asks for what the user has seen and not taken.</summary>
    public string? Scenario { get; init; }

    /// <summary>Gets the items that the slate must not show.</summary>
    public IReadOnlyList<string>? Exclude { get; init; }

    /// <summary>Gets how much variety counts against score.</summary>
    /// <value>0 (score alone) to 1; the server's setting if absent.</value>
    public double? Diversity { get; init; }

    /// <summary>Gets the circumstances.</summary>
    public ContextBody? Context { get; init; }

    /// <summary>Gets the <see cref="RecommendationsResponse.Next"/> of the page before the one that is wanted.</summary>
    public string? Next { get; init; }

    /// <summary>Gets the position that must be reflected; the answer waits for it within its deadline.</summary>
    public string? After { get; init; }
}

/// <summary>A slate for a user or a session.</summary>
public sealed record RecommendationsResponse
{
    /// <summary>Gets the slate's name, to be given back with the interactions it leads to.</summary>
    public required string RecommendationId { get; init; }

    /// <summary>Gets the version of the model that was used.</summary>
    /// <value>Absent where none was.</value>
    public string? ModelVersion { get; init; }

    /// <summary>Gets the degradation tier that answered: <c>full</c> at the top.</summary>
    public required string ServedBy { get; init; }

    /// <summary>Gets whether something is missing from the answer.</summary>
    public required bool Degraded { get; init; }

    /// <summary>Gets what is missing and why.</summary>
    public IReadOnlyList<string>? DegradedReasons { get; init; }

    /// <summary>Gets whether the user is without an embedding in the served model.</summary>
    public bool? ColdUser { get; init; }

    /// <summary>Gets the age of the newest thing in the log that the answer may lack, in milliseconds.</summary>
    /// <value>0 or more; 0 where all is reflected; absent while it is not known.</value>
    public double? FreshnessMs { get; init; }

    /// <summary>Gets whether the answer reflects the position of <c>after=</c>.</summary>
    /// <value>Absent without <c>after=</c>.</value>
    public bool? Reflected { get; init; }

    /// <summary>Gets the time each stage took, in milliseconds, by the stage's name.</summary>
    public Dictionary<string, double>? Stages { get; init; }

    /// <summary>Gets how many candidates each source gave, by the source's name.</summary>
    public Dictionary<string, int>? SourceCounts { get; init; }

    /// <summary>Gets how many candidates the filters removed, by the filter's reason.</summary>
    public Dictionary<string, int>? Filtered { get; init; }

    /// <summary>Gets how many interactions the profile that was used holds.</summary>
    /// <value>0 to 1,024.</value>
    public int? InteractionsHeld { get; init; }

    /// <summary>Gets how many of them are newer than the model.</summary>
    /// <value>0 to <see cref="InteractionsHeld"/>.</value>
    public int? InteractionsSinceModel { get; init; }

    /// <summary>Gets the items, best first.</summary>
    /// <value>0 to the requested count.</value>
    public required IReadOnlyList<RecommendedItem> Items { get; init; }

    /// <summary>Gets the cursor of the following page, which repeats no item of the pages before it.</summary>
    /// <value>Absent on the last page.</value>
    public string? Next { get; init; }
}

/// <summary>Items that are not a person's slate: similar, trending, latest or popular ones.</summary>
public sealed record ItemsResponse
{
    /// <summary>Gets the slate's name, to be given back with the interactions it leads to.</summary>
    public string? RecommendationId { get; init; }

    /// <summary>Gets the version of the model that was used.</summary>
    /// <value>Absent where none was.</value>
    public string? ModelVersion { get; init; }

    /// <summary>Gets the degradation tier that answered: <c>full</c> at the top.</summary>
    public required string ServedBy { get; init; }

    /// <summary>Gets whether something is missing from the answer.</summary>
    public required bool Degraded { get; init; }

    /// <summary>Gets what is missing and why.</summary>
    public IReadOnlyList<string>? DegradedReasons { get; init; }

    /// <summary>Gets the age of the newest thing in the log that the answer may lack, in milliseconds.</summary>
    /// <value>0 or more; 0 where all is reflected; absent while it is not known.</value>
    public double? FreshnessMs { get; init; }

    /// <summary>Gets the items, best first.</summary>
    /// <value>0 to the requested count.</value>
    public required IReadOnlyList<RecommendedItem> Items { get; init; }
}

/// <summary>An item of a slate, with its reason.</summary>
public sealed record RecommendedItem
{
    /// <summary>Gets which item it is.</summary>
    public required string ItemId { get; init; }

    /// <summary>Gets the score that ordered it; comparable within one slate only.</summary>
    /// <value>A finite number, higher is better.</value>
    public required double Score { get; init; }

    /// <summary>Gets how sure the server is of the score.</summary>
    /// <value>0 to 1.</value>
    public required double Confidence { get; init; }

    /// <summary>Gets the reason, for a person to read.</summary>
    public required string Explanation { get; init; }

    /// <summary>Gets the inputs of the ranker, by name.</summary>
    public required Dictionary<string, double> Features { get; init; }

    /// <summary>Gets the candidate sources that named the item.</summary>
    public required IReadOnlyList<string> Sources { get; init; }

    /// <summary>Gets when the user last did something with the item.</summary>
    /// <value>Absent where the history does not hold it.</value>
    public DateTimeOffset? SeenAt { get; init; }

    /// <summary>Gets whether nothing is known of the item: the request gave it as a candidate, and it comes behind all others.</summary>
    /// <value>Absent where something is known.</value>
    public bool? Unknown { get; init; }

    /// <summary>Gets the item's title, where the catalogue has one.</summary>
    public string? Title { get; init; }

    /// <summary>Gets the item's categories, where the catalogue has some.</summary>
    public IReadOnlyList<string>? Categories { get; init; }

    /// <summary>Gets the item's labels, where the catalogue has some.</summary>
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
