namespace RecSys.Client;

/// <summary>Explains why an item is, or is not, in a user's slate.</summary>
public sealed record ExplanationResponse
{
    /// <summary>Gets the explained item.</summary>
    public required string ItemId { get; init; }

    /// <summary>Gets the item's title, if the catalogue has one.</summary>
    public string? Title { get; init; }

    /// <summary>Gets the outcome for the item.</summary>
    /// <value><c>shown</c>, <c>filtered</c>, <c>outranked</c>, <c>notACandidate</c> or <c>unknownItem</c>.</value>
    public required string Outcome { get; init; }

    /// <summary>Gets the item's position in the slate, or the position by score if it is not in the slate.</summary>
    /// <value>0 is the best.</value>
    public int? Position { get; init; }

    /// <summary>Gets the stage that removed the item.</summary>
    public string? Stage { get; init; }

    /// <summary>Gets the reason, as text for people.</summary>
    public string? Reason { get; init; }

    /// <summary>Gets the score.</summary>
    /// <value>Absent if the item was not ranked.</value>
    public double? Score { get; init; }

    /// <summary>Gets the parts of the score; their values add up to <see cref="Score"/>.</summary>
    public required IReadOnlyList<ExplanationPart> Parts { get; init; }

    /// <summary>Gets the user's interactions that contributed to the score, greatest contribution first.</summary>
    public required IReadOnlyList<ExplanationCause> Because { get; init; }

    /// <summary>Gets the share of the score from records up to the model's watermark.</summary>
    /// <value>0 to 1; with <see cref="RecentShare"/> it adds up to 1, if the item was ranked.</value>
    public required double ModelShare { get; init; }

    /// <summary>Gets the share of the score from records after the model's watermark.</summary>
    /// <value>0 to 1.</value>
    public required double RecentShare { get; init; }

    /// <summary>Gets every stage in order, with its outcome for the item.</summary>
    public required IReadOnlyList<ExplanationStage> Stages { get; init; }

    /// <summary>Gets the slate that is explained as it was recorded.</summary>
    /// <value>Absent if the current slate is explained. Of a recorded slate <see cref="Because"/> is empty, and the shares are 0.</value>
    public string? RecommendationId { get; init; }

    /// <summary>Gets when the recorded slate was shown.</summary>
    public DateTimeOffset? ShownAt { get; init; }

    /// <summary>Gets how the item's outcome changed since the recorded slate was shown, as text for people.</summary>
    public string? Since { get; init; }

    /// <summary>Gets the explanation by the current slate, in addition to that of a recorded slate.</summary>
    public ExplanationResponse? Now { get; init; }
}

/// <summary>One part of a score.</summary>
public sealed record ExplanationPart
{
    /// <summary>Gets the part's name: a feature of the ranker or a step of the selector.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the part's contribution to the score, in the score's unit; may be negative.</summary>
    public required double Value { get; init; }

    /// <summary>Gets the meaning, as text for people.</summary>
    public string? Text { get; init; }
}

/// <summary>One interaction that contributed to an item's score.</summary>
public sealed record ExplanationCause
{
    /// <summary>Gets the item of the interaction.</summary>
    public required string ItemId { get; init; }

    /// <summary>Gets its title, if the catalogue has one.</summary>
    public string? Title { get; init; }

    /// <summary>Gets the type of interaction.</summary>
    public required string Type { get; init; }

    /// <summary>Gets the time of the interaction.</summary>
    public required DateTimeOffset Timestamp { get; init; }

    /// <summary>Gets its contribution to the score, in the score's unit; may be negative.</summary>
    public required double Contribution { get; init; }
}

/// <summary>Effect of one stage of the pipeline on an item.</summary>
public sealed record ExplanationStage
{
    /// <summary>Gets the stage's name.</summary>
    public required string Stage { get; init; }

    /// <summary>Gets its outcome for the item, such as <c>passed</c> or <c>removed</c>.</summary>
    public required string Outcome { get; init; }

    /// <summary>Gets details, as text for people.</summary>
    public string? Detail { get; init; }
}
