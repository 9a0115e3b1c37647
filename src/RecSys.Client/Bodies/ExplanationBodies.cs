namespace RecSys.Client;

/// <summary>Explains why an item is, or is not, in a user's slate.</summary>
public sealed record ExplanationResponse
{
    /// <summary>Gets which item is explained.</summary>
    public required string ItemId { get; init; }

    /// <summary>Gets the item's title, where the catalogue has one.</summary>
    public string? Title { get; init; }

    /// <summary>Gets the outcome for the item.</summary>
    /// <value><c>shown</c>, <c>filtered</c>, <c>outranked</c>, <c>notACandidate</c> or <c>unknownItem</c>.</value>
    public required string Outcome { get; init; }

    /// <summary>Gets the item's place in the slate, or the place it would have had where it was outranked.</summary>
    /// <value>0 is the best.</value>
    public int? Position { get; init; }

    /// <summary>Gets the stage at which the item fell.</summary>
    public string? Stage { get; init; }

    /// <summary>Gets the reason, for a person to read.</summary>
    public string? Reason { get; init; }

    /// <summary>Gets the score.</summary>
    /// <value>Absent where the item was never ranked.</value>
    public double? Score { get; init; }

    /// <summary>Gets the parts of the score; their values add up to <see cref="Score"/>.</summary>
    public required IReadOnlyList<ExplanationPart> Parts { get; init; }

    /// <summary>Gets the user's interactions that carried the item, the heaviest first.</summary>
    public required IReadOnlyList<ExplanationCause> Because { get; init; }

    /// <summary>Gets the share of the score that was already in the model.</summary>
    /// <value>0 to 1; with <see cref="RecentShare"/> it makes 1, where the item was ranked.</value>
    public required double ModelShare { get; init; }

    /// <summary>Gets the share of the score from records after the model's watermark.</summary>
    /// <value>0 to 1.</value>
    public required double RecentShare { get; init; }

    /// <summary>Gets every stage in order, with its outcome for the item.</summary>
    public required IReadOnlyList<ExplanationStage> Stages { get; init; }

    /// <summary>Gets the slate that is explained as it was recorded.</summary>
    /// <value>Absent where the slate of now is explained. Of a recorded slate <see cref="Because"/> is empty, and the shares are 0.</value>
    public string? RecommendationId { get; init; }

    /// <summary>Gets when the recorded slate was shown.</summary>
    public DateTimeOffset? ShownAt { get; init; }

    /// <summary>Gets what became of the item since the recorded slate was shown, as text for people.</summary>
    public string? Since { get; init; }

    /// <summary>Gets the explanation by the slate of now, beside that of a recorded slate.</summary>
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
    /// <summary>Gets the item the user touched.</summary>
    public required string ItemId { get; init; }

    /// <summary>Gets its title, where the catalogue has one.</summary>
    public string? Title { get; init; }

    /// <summary>Gets the kind of interaction.</summary>
    public required string Type { get; init; }

    /// <summary>Gets when it happened.</summary>
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

    /// <summary>Gets more about it, for a person to read.</summary>
    public string? Detail { get; init; }
}
