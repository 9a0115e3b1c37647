using System.Collections.Immutable;
using RecSys.Core.Log;
using RecSys.Core.Trends;

namespace RecSys.Core.Slates;

/// <summary>A request for the shelves of one page; no item is on two of them. Check it with <see cref="Problem"/> before it is served.</summary>
public sealed record PageRequest
{
    /// <summary>The largest number of shelves of one page.</summary>
    public const int ShelvesMax = 20;

    /// <summary>The largest number of items of all shelves of one page together.</summary>
    public const int ItemsMax = 500;

    /// <summary>Gets the user; null for an anonymous session.</summary>
    public UserId? User { get; init; }

    /// <summary>Gets the items of the session, as in <see cref="SlateRequest.Items"/>.</summary>
    public ImmutableArray<ItemId> Items { get; init; } = [];

    /// <summary>Gets the context, or null.</summary>
    public InteractionContext? Context { get; init; }

    /// <summary>Gets the position that the answer must reflect, or null; the request waits for it within the deadline.</summary>
    public LogPosition? After { get; init; }

    /// <summary>Gets the time for which the request waited before it was passed on; it counts as part of the deadline.</summary>
    public TimeSpan Waited { get; init; }

    /// <summary>Gets the shelves in order of priority: an item that several would show is on the first of them.</summary>
    public required ImmutableArray<ShelfRequest> Shelves { get; init; }

    /// <summary>Returns the slate request of a shelf: with the user, session and context of the page.</summary>
    public SlateRequest SlateOf(ShelfRequest shelf)
    {
        ArgumentNullException.ThrowIfNull(shelf);
        return shelf.Slate with { User = User, Items = Items, Context = Context, After = After };
    }

    /// <summary>Returns the problem of the request, or null.</summary>
    public RequestProblem? Problem()
    {
        if (Shelves.Length is 0 or > ShelvesMax)
        {
            return new("shelves", $"has {Shelves.Length} shelves; 1 to {ShelvesMax} are allowed");
        }

        HashSet<string> names = new(StringComparer.Ordinal);
        int items = 0;
        for (int shelf = 0; shelf < Shelves.Length; shelf++)
        {
            RequestProblem? problem = SlateOf(Shelves[shelf]).Problem() ?? Shelves[shelf].Problem();
            if (problem is { Field: "items" or "userId" })
            {
                return problem;
            }

            problem ??= names.Add(Shelves[shelf].Name) ? null : new("name", $"is '{Shelves[shelf].Name}', which another shelf has");
            if (problem is not null)
            {
                return problem with { Field = $"shelves[{shelf}].{problem.Field}" };
            }

            items += Shelves[shelf].Slate.Count;
        }

        return items > ItemsMax ? new("shelves", $"have {items} items together; at most {ItemsMax} are allowed") : null;
    }
}

/// <summary>One shelf of a page.</summary>
/// <param name="Name">The name, 1 to <see cref="SlateRequest.NameLengthMax"/> characters, by which the answer names it.</param>
public sealed record ShelfRequest(string Name)
{
    /// <summary>Gets the kind of items of the shelf.</summary>
    public ShelfKind Kind { get; init; }

    /// <summary>Gets the item to which the items of a similar shelf are similar; null for other shelves.</summary>
    public ItemId? Item { get; init; }

    /// <summary>Gets the window of a trending shelf; null: a day.</summary>
    public TrendWindow? Window { get; init; }

    /// <summary>Gets the count, category and exclusions, and for a recommended shelf all fields of a slate request; user, session, context and position are those of the page.</summary>
    public SlateRequest Slate { get; init; } = new();

    /// <summary>Returns the problem of the shelf itself, or null.</summary>
    public RequestProblem? Problem() =>
        Name.Length is 0 or > SlateRequest.NameLengthMax ? new("name", $"has {Name.Length} characters; 1 to {SlateRequest.NameLengthMax} are allowed")
        : Kind == ShelfKind.Similar != Item is not null ? new("itemId", Item is null ? "must be given for a shelf of kind similar" : "is only for a shelf of kind similar")
        : Kind != ShelfKind.Trending && Window is not null ? new("window", "is only for a shelf of kind trending")
        : Kind == ShelfKind.Recommended ? null
        : Slate.Scenario is not null ? new("scenario", "is only for a shelf of kind recommended")
        : Slate.Diversity is not null ? new("diversity", "is only for a shelf of kind recommended")
        : Slate.Seen is not null ? new("seen", "is only for a shelf of kind recommended")
        : null;
}

/// <summary>The kind of items of a shelf.</summary>
public enum ShelfKind
{
    /// <summary>A slate for the user or session.</summary>
    Recommended = 0,

    /// <summary>Items similar to an item.</summary>
    Similar = 1,

    /// <summary>Trending items.</summary>
    Trending = 2,

    /// <summary>The items added to the catalogue last.</summary>
    Latest = 3,

    /// <summary>The items most popular over the whole log.</summary>
    Popular = 4,
}

/// <summary>Converts kinds of shelves to names.</summary>
public static class ShelfKindNames
{
    private static readonly string[] Names = ["recommended", "similar", "trending", "latest", "popular"];

    /// <summary>Gets the names that callers use, in the order of the values.</summary>
    public static IReadOnlyList<string> All => Names;

    /// <summary>Returns the kind with a name; null if there is none.</summary>
    public static ShelfKind? Parse(string name) => Array.IndexOf(Names, name) is >= 0 and int kind ? (ShelfKind)kind : null;
}

/// <summary>A filled shelf of a page: a slate of a recommended shelf, a list of others.</summary>
/// <param name="Name">The name of the shelf, as in the request.</param>
/// <param name="Slate">The slate, or null.</param>
/// <param name="List">The list, or null. Exactly one of the two is set.</param>
public sealed record Shelf(string Name, Slate? Slate, ItemList? List);
