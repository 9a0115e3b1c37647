namespace RecSys.Core.Trends;

/// <summary>The bounds of the trends. The defaults suit a shop; memory at all bounds is about 2 GB, mostly neighbours.</summary>
public sealed record TrendsOptions
{
    /// <summary>The largest allowed <see cref="UsersMin"/>.</summary>
    public const int UsersMinMax = 16;

    /// <summary>Gets the number of distinct users that must have interacted with an item before a public list shows it: 1 to <see cref="UsersMinMax"/>; default 3. 1 suits a very small shop, and lets a list reveal what one user did.</summary>
    public int UsersMin { get; init; } = 3;

    /// <summary>Gets the most items that are kept: 16 to 100 million; by default 1,000,000. Above it, the quarter with the lowest weights of the last week is dropped.</summary>
    public int ItemsMax { get; init; } = 1_000_000;

    /// <summary>Gets the most neighbours that are kept of an item: 8 to 10,000; by default 200. Above it, the half of least weight is dropped.</summary>
    public int NeighboursMax { get; init; } = 200;

    /// <summary>Gets the most users whose last items are kept: 1 to 100 million; by default 100,000. Above it, the user inactive for longest is dropped.</summary>
    public int UserTailsMax { get; init; } = 100_000;

    /// <summary>
    /// Gets the most interactions of all these users that are kept, so that a repeat adds nothing and a retraction or an erasure takes its weight back: 1,024 to 1 billion; by default 1,000,000, up to
    /// 60 MB. Above it, the user inactive for longest is dropped; their interactions stay counted.
    /// </summary>
    public int ActsMax { get; init; } = 1_000_000;

    /// <summary>Returns the problem of the options, or null.</summary>
    public string? Problem() =>
        UsersMin is < 1 or > UsersMinMax ? $"{nameof(UsersMin)} is {UsersMin}; 1 to {UsersMinMax} is allowed"
        : ItemsMax is < 16 or > 100_000_000 ? $"{nameof(ItemsMax)} is {ItemsMax}; 16 to 100,000,000 is allowed"
        : NeighboursMax is < 8 or > 10_000 ? $"{nameof(NeighboursMax)} is {NeighboursMax}; 8 to 10,000 is allowed"
        : UserTailsMax is < 1 or > 100_000_000 ? $"{nameof(UserTailsMax)} is {UserTailsMax}; 1 to 100,000,000 is allowed"
        : ActsMax is < UserActs.CountMax or > 1_000_000_000 ? $"{nameof(ActsMax)} is {ActsMax}; {UserActs.CountMax:N0} to 1,000,000,000 is allowed"
        : null;
}
