namespace RecSys.Core.Slates;

/// <summary>Why a filter removed a candidate.</summary>
public enum FilterReason
{
    /// <summary>It was kept.</summary>
    None = 0,

    /// <summary>The request excludes it.</summary>
    Excluded = 1,

    /// <summary>It is one of the session's or basket's own items.</summary>
    InSession = 2,

    /// <summary>An earlier page showed it.</summary>
    ShownBefore = 3,

    /// <summary>The user disliked or hid it.</summary>
    Disliked = 4,

    /// <summary>The user had an interaction after which slates do not show the item again, such as a purchase.</summary>
    Touched = 5,

    /// <summary>It was deleted from the catalogue.</summary>
    Deleted = 6,

    /// <summary>The catalogue keeps it out of every slate.</summary>
    Hidden = 7,

    /// <summary>It may be recommended later, not yet.</summary>
    NotYetAvailable = 8,

    /// <summary>It may no longer be recommended.</summary>
    NoLongerAvailable = 9,

    /// <summary>The item is not in the requested category.</summary>
    OtherCategory = 10,
}

/// <summary>The reasons' names and sentences.</summary>
public static class FilterReasonTexts
{
    private static readonly string[] Names =
    [
        "kept", "excluded", "inSession", "shownBefore", "disliked", "touched", "deleted", "hidden", "notYetAvailable",
        "noLongerAvailable", "otherCategory",
    ];

    private static readonly string[] Texts =
    [
        "kept",
        "the request excludes it",
        "it is one of the items of this session or basket",
        "an earlier page showed it",
        "the user disliked or hid it",
        "the user bought, liked or rated it, or touched it in another way after which items are not shown again",
        "it was deleted from the catalogue",
        "the catalogue hides it",
        "it is not available yet",
        "it is no longer available",
        "it is not in the category asked for",
    ];

    /// <summary>Number of reasons, including <see cref="FilterReason.None"/>.</summary>
    public static int Count => Names.Length;

    /// <summary>The name that callers see.</summary>
    public static string Name(this FilterReason reason) => Names[(int)reason];

    /// <summary>A sentence, for a person to read.</summary>
    public static string Text(this FilterReason reason) => Texts[(int)reason];
}
