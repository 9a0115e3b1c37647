using RecSys.Core.Trends;

namespace RecSys.Core.Slates;

/// <summary>What a list of trending, latest or popular items is wanted for.</summary>
public sealed record ItemListRequest
{
    /// <summary>How many items are wanted, 1 to <see cref="Limits.SlateMax"/>.</summary>
    public int Count { get; init; } = 10;

    /// <summary>The one category items must belong to, or null.</summary>
    public string? Category { get; init; }

    /// <summary>Over what time items trend; read by trending alone.</summary>
    public TrendWindow Window { get; init; } = TrendWindow.Day;

    /// <summary>What is wrong with the request, or null if nothing is.</summary>
    public RequestProblem? Problem() =>
        Count is < 1 or > Limits.SlateMax ? new("count", $"is {Count}; 1 to {Limits.SlateMax} are allowed")
        : Category is { Length: 0 or > SlateRequest.NameLengthMax }
            ? new("category", $"has {Category.Length} characters; 1 to {SlateRequest.NameLengthMax} are allowed")
        : !Enum.IsDefined(Window) ? new("window", $"is {(int)Window}, which is no window")
        : null;
}

/// <summary>What a list of similar items is wanted for.</summary>
/// <param name="Item">To which item they are similar.</param>
public sealed record SimilarRequest(ItemId Item)
{
    /// <summary>How many items are wanted, 1 to <see cref="Limits.SlateMax"/>.</summary>
    public int Count { get; init; } = 10;

    /// <summary>The one category items must belong to, or null.</summary>
    public string? Category { get; init; }

    /// <summary>For whom: what this user touched for good or disliked is left out; null: for nobody in particular.</summary>
    public UserId? User { get; init; }

    /// <summary>What is wrong with the request, or null if nothing is.</summary>
    public RequestProblem? Problem() => new ItemListRequest { Count = Count, Category = Category }.Problem();
}
