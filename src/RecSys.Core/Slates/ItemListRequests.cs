using RecSys.Core.Trends;

namespace RecSys.Core.Slates;

/// <summary>A request for a list of trending, latest or popular items.</summary>
public sealed record ItemListRequest
{
    /// <summary>Gets the number of items wanted, 1 to <see cref="Limits.SlateMax"/>.</summary>
    public int Count { get; init; } = 10;

    /// <summary>Gets the category that items must have, or null for any.</summary>
    public string? Category { get; init; }

    /// <summary>Gets the window of the trends; used for trending items only.</summary>
    public TrendWindow Window { get; init; } = TrendWindow.Day;

    /// <summary>Returns the problem of the request, or null.</summary>
    public RequestProblem? Problem() =>
        Count is < 1 or > Limits.SlateMax ? new("count", $"is {Count}; 1 to {Limits.SlateMax} are allowed")
        : Category is { Length: 0 or > SlateRequest.NameLengthMax }
            ? new("category", $"has {Category.Length} characters; 1 to {SlateRequest.NameLengthMax} are allowed")
        : !Enum.IsDefined(Window) ? new("window", $"is {(int)Window}, which is not a window")
        : null;
}

/// <summary>A request for a list of similar items.</summary>
/// <param name="Item">The item to which the others are similar.</param>
public sealed record SimilarRequest(ItemId Item)
{
    /// <summary>Gets the number of items wanted, 1 to <see cref="Limits.SlateMax"/>.</summary>
    public int Count { get; init; } = 10;

    /// <summary>Gets the category that items must have, or null for any.</summary>
    public string? Category { get; init; }

    /// <summary>Gets the user whose purchased, hidden and disliked items are left out; null for no user.</summary>
    public UserId? User { get; init; }

    /// <summary>Returns the problem of the request, or null.</summary>
    public RequestProblem? Problem() => new ItemListRequest { Count = Count, Category = Category }.Problem();
}
