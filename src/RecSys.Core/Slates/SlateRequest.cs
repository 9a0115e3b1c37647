using System.Collections.Immutable;
using RecSys.Core.Log;

namespace RecSys.Core.Slates;

/// <summary>A request for a slate. Check it with <see cref="Problem"/> before it is served.</summary>
public sealed record SlateRequest
{
    /// <summary>The largest number of items of one session or basket.</summary>
    public const int ItemsMax = 100;

    /// <summary>The largest number of items that a request may exclude.</summary>
    public const int ExcludeMax = 1_000;

    /// <summary>The largest number of candidates that a request may give.</summary>
    public const int CandidatesMax = 1_000;

    /// <summary>The scenario whose slates contain only items that the user has seen and that may be shown again.</summary>
    public const string LookAgain = "lookAgain";

    /// <summary>The longest category or scenario, in characters.</summary>
    public const int NameLengthMax = 512;

    /// <summary>Gets the user; null for an anonymous session with <see cref="Items"/> only.</summary>
    public UserId? User { get; init; }

    /// <summary>Gets the items seen in this session or in the basket, oldest first. The newest is the current one, which the slate does not show; the others count as seen.</summary>
    public ImmutableArray<ItemId> Items { get; init; } = [];

    /// <summary>Gets the number of items wanted, 1 to <see cref="Limits.SlateMax"/>.</summary>
    public int Count { get; init; } = 10;

    /// <summary>Gets the category that items must have, or null for any.</summary>
    public string? Category { get; init; }

    /// <summary>Gets the items to rank; null to choose among all. The slate contains no others; unknown items are last.</summary>
    /// <value>1 to <see cref="CandidatesMax"/> items; one that is given twice counts once.</value>
    public ImmutableArray<ItemId>? Candidates { get; init; }

    /// <summary>Gets how items that the user has seen are treated, by any interaction; null: by the rule of each interaction type.</summary>
    /// <remarks>The slate never contains items that the user disliked or hid.</remarks>
    public SeenRule? Seen { get; init; }

    /// <summary>Gets the place where the slate is shown, such as <c>home</c>; separates cached slates and random seeds. <see cref="LookAgain"/> requests items that were seen and may be shown again.</summary>
    public string? Scenario { get; init; }

    /// <summary>Gets the items that the slate must not show; at most <see cref="ExcludeMax"/>.</summary>
    public ImmutableArray<ItemId> Exclude { get; init; } = [];

    /// <summary>Gets the weight of variety against score, 0 (the order of scores, without the limits and shares that make a slate varied) to 1; null for the server's setting.</summary>
    public double? Diversity { get; init; }

    /// <summary>Gets the context, or null. The built-in ranker does not use it.</summary>
    public InteractionContext? Context { get; init; }

    /// <summary>Gets the <see cref="Slate.Next"/> of the preceding page, or null for the first page.</summary>
    public string? Cursor { get; init; }

    /// <summary>Gets the position that the answer must reflect, or null; the request waits for it within the deadline.</summary>
    public LogPosition? After { get; init; }

    /// <summary>Gets the time for which the request waited before it was passed on; it counts as part of the deadline.</summary>
    public TimeSpan Waited { get; init; }

    /// <summary>Gets whether the request is for items that were seen and may be shown again.</summary>
    public bool IsLookAgain => string.Equals(Scenario, LookAgain, StringComparison.Ordinal);

    /// <summary>Returns the problem of the request, or null.</summary>
    public RequestProblem? Problem() =>
        Count is < 1 or > Limits.SlateMax ? new("count", $"is {Count}; 1 to {Limits.SlateMax} are allowed")
        : Diversity is { } diversity && !(diversity is >= 0 and <= 1) ? new("diversity", $"is {diversity}; 0 to 1 is allowed")
        : Items.Length > ItemsMax ? new("items", $"has {Items.Length} items; at most {ItemsMax} are allowed")
        : Exclude.Length > ExcludeMax ? new("exclude", $"has {Exclude.Length} items; at most {ExcludeMax} are allowed")
        : Candidates is { Length: 0 or > CandidatesMax } candidates ? new("candidates", $"has {candidates.Length} items; 1 to {CandidatesMax} are allowed")
        : Candidates is not null && IsLookAgain ? new("candidates", $"cannot be given for the scenario {LookAgain}, which chooses its own")
        : Seen is { } seen && !Enum.IsDefined(seen) ? new("seen", $"is {(int)seen}, which is not a rule")
        : Seen is not null && IsLookAgain ? new("seen", $"cannot be given for the scenario {LookAgain}, which contains only seen items")
        : Category is { Length: 0 or > NameLengthMax } ? new("category", $"has {Category.Length} characters; 1 to {NameLengthMax} are allowed")
        : Scenario is { Length: 0 or > NameLengthMax } ? new("scenario", $"has {Scenario.Length} characters; 1 to {NameLengthMax} are allowed")
        : Cursor is { } cursor && !SlateCursor.TryParse(cursor, out _) ? new("next", "is not a cursor from a slate")
        : null;
}

/// <summary>A problem of a request.</summary>
/// <param name="Field">Name of the field in the API.</param>
/// <param name="Text">The problem, as a continuation of the field's name.</param>
public sealed record RequestProblem(string Field, string Text);
