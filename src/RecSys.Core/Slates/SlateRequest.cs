using System.Collections.Immutable;
using RecSys.Core.Log;

namespace RecSys.Core.Slates;

/// <summary>What a slate is wanted for. Check it with <see cref="Problem"/> before it is served.</summary>
public sealed record SlateRequest
{
    /// <summary>The most items of one session or basket.</summary>
    public const int ItemsMax = 100;

    /// <summary>The most items that a request may exclude.</summary>
    public const int ExcludeMax = 1_000;

    /// <summary>The longest category or scenario, in characters.</summary>
    public const int NameLengthMax = 512;

    /// <summary>For whom; null: an anonymous session, known by <see cref="Items"/> alone.</summary>
    public UserId? User { get; init; }

    /// <summary>The items seen in this session or laid in the basket, oldest first; they do not come back in the slate.</summary>
    public ImmutableArray<ItemId> Items { get; init; } = [];

    /// <summary>How many items are wanted, 1 to <see cref="Limits.SlateMax"/>.</summary>
    public int Count { get; init; } = 10;

    /// <summary>The one category items must belong to, or null.</summary>
    public string? Category { get; init; }

    /// <summary>Where the slate is shown, such as <c>home</c>; keeps cached slates and chance apart.</summary>
    public string? Scenario { get; init; }

    /// <summary>The items that must not come; at most <see cref="ExcludeMax"/>.</summary>
    public ImmutableArray<ItemId> Exclude { get; init; } = [];

    /// <summary>How much variety counts against score, 0 (score alone) to 1; null: the server's setting.</summary>
    public double? Diversity { get; init; }

    /// <summary>The circumstances, or null. The first ranker, a blend, does not read them.</summary>
    public InteractionContext? Context { get; init; }

    /// <summary>The <see cref="Slate.Next"/> of the page before the one that is wanted, or null.</summary>
    public string? Cursor { get; init; }

    /// <summary>The position that must be reflected, waited for within the deadline, or null.</summary>
    public LogPosition? After { get; init; }

    /// <summary>How long the request waited before it was handed over; it counts as part of the deadline.</summary>
    public TimeSpan Waited { get; init; }

    /// <summary>What is wrong with the request, or null if nothing is.</summary>
    public RequestProblem? Problem() =>
        Count is < 1 or > Limits.SlateMax ? new("count", $"is {Count}; 1 to {Limits.SlateMax} are allowed")
        : Diversity is { } diversity && !(diversity is >= 0 and <= 1) ? new("diversity", $"is {diversity}; 0 to 1 is allowed")
        : Items.Length > ItemsMax ? new("items", $"has {Items.Length} items; at most {ItemsMax} are allowed")
        : Exclude.Length > ExcludeMax ? new("exclude", $"has {Exclude.Length} items; at most {ExcludeMax} are allowed")
        : Category is { Length: 0 or > NameLengthMax } ? new("category", $"has {Category.Length} characters; 1 to {NameLengthMax} are allowed")
        : Scenario is { Length: 0 or > NameLengthMax } ? new("scenario", $"has {Scenario.Length} characters; 1 to {NameLengthMax} are allowed")
        : Cursor is { } cursor && !SlateCursor.TryParse(cursor, out _) ? new("next", "is no cursor that a slate came with")
        : null;
}

/// <summary>What is wrong with a request.</summary>
/// <param name="Field">The field, as callers write it.</param>
/// <param name="Text">What is wrong with it: to be read after the field's name.</param>
public sealed record RequestProblem(string Field, string Text);
