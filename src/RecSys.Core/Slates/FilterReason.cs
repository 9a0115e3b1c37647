namespace RecSys.Core.Slates;

/// <summary>The reason why a filter removed a candidate.</summary>
public enum FilterReason
{
    /// <summary>The candidate was kept.</summary>
    None = 0,

    /// <summary>The request excludes the item.</summary>
    Excluded = 1,

    /// <summary>The item is the newest one of the request's session: the user is looking at it.</summary>
    InSession = 2,

    /// <summary>An earlier page showed the item.</summary>
    ShownBefore = 3,

    /// <summary>The user disliked or hid the item.</summary>
    Disliked = 4,

    /// <summary>The user had an interaction after which slates do not show the item again, such as a purchase.</summary>
    Touched = 5,

    /// <summary>The item was deleted from the catalogue.</summary>
    Deleted = 6,

    /// <summary>The catalogue hides the item.</summary>
    Hidden = 7,

    /// <summary>The item may not be recommended yet.</summary>
    NotYetAvailable = 8,

    /// <summary>The item may no longer be recommended.</summary>
    NoLongerAvailable = 9,

    /// <summary>The item is not in the requested category.</summary>
    OtherCategory = 10,

    /// <summary>The item is out of stock.</summary>
    OutOfStock = 11,

    /// <summary>The user has seen the item, and the request excludes seen items.</summary>
    Seen = 12,

    /// <summary>Another shelf of the page shows the item.</summary>
    OnPage = 13,
}

/// <summary>Converts reasons to names and sentences.</summary>
public static class FilterReasonTexts
{
    private static readonly string[] Names =
    [
        "kept", "excluded", "inSession", "shownBefore", "disliked", "touched", "deleted", "hidden", "notYetAvailable",
        "noLongerAvailable", "otherCategory", "outOfStock", "seen", "onPage",
    ];

    private static readonly string[] Texts =
    [
        "kept",
        "the request excludes it",
        "it is the newest item of the session, which the user is looking at",
        "an earlier page showed it",
        "the user disliked or hid it",
        "the user bought, liked or rated it, has it in the cart, or had another interaction with it after which items are not shown again",
        "it was deleted from the catalogue",
        "the catalogue hides it",
        "it is not available yet",
        "it is no longer available",
        "it is not in the requested category",
        "it is out of stock",
        "the user has seen it, and the request excludes seen items",
        "another shelf of the page shows it",
    ];

    /// <summary>Gets the number of reasons, including <see cref="FilterReason.None"/>.</summary>
    public static int Count => Names.Length;

    /// <summary>Returns the name in the API.</summary>
    public static string Name(this FilterReason reason) => Names[(int)reason];

    /// <summary>Returns the reason as a sentence for people.</summary>
    public static string Text(this FilterReason reason) => Texts[(int)reason];
}
