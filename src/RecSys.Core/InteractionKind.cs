namespace RecSys.Core;

/// <summary>The built-in kinds of interactions. A type of any name behaves like one of them: its kind decides which older acts it replaces, whether repeats add up, and whether slates show the item again.</summary>
public enum InteractionKind : byte
{
    /// <summary>The user looked at the item. Repeats add up.</summary>
    View = 0,

    /// <summary>The user clicked the item. Repeats add up.</summary>
    Click = 1,

    /// <summary>An opinion: the user likes the item.</summary>
    Like = 2,

    /// <summary>An opinion: the user dislikes the item.</summary>
    Dislike = 3,

    /// <summary>The item is in the user's cart.</summary>
    AddToCart = 4,

    /// <summary>The item is no longer in the user's cart.</summary>
    RemoveFromCart = 5,

    /// <summary>The user bought the item. Repeats add up.</summary>
    Purchase = 6,

    /// <summary>An opinion: the user rated the item; the interaction's value is the rating.</summary>
    Rating = 7,

    /// <summary>An opinion: the user does not want to see the item.</summary>
    Hide = 8,
}
