namespace RecSys.Core.Trends;

/// <summary>Limits on the data that the trends keep. The defaults suit a shop; if all of them are reached, the trends take about 3.6 GB of memory: 1.6 GB for the neighbours by
/// co-visits, as much for the neighbours by purchases, which needs items that were each bought before or after <see cref="NeighboursMax"/> others, and 0.3 GB for the rest. A save then needs 2.8 GB
/// more for its bytes.</summary>
public sealed record TrendsOptions
{
    /// <summary>The largest allowed <see cref="UsersMin"/>.</summary>
    public const int UsersMinMax = 16;

    /// <summary>The smallest allowed <see cref="ItemsMax"/>.</summary>
    public const int ItemsMaxMin = 16;

    /// <summary>The largest allowed <see cref="ItemsMax"/>.</summary>
    public const int ItemsMaxMax = 100_000_000;

    /// <summary>The largest allowed <see cref="UserTailsMax"/>.</summary>
    public const int UserTailsMaxMax = 100_000_000;

    /// <summary>Gets the number of distinct users that must have interacted with an item before a public list shows it: 1 to <see cref="UsersMinMax"/>; default 3. With 1, which suits a very small shop, a list may show the items of a single user.</summary>
    public int UsersMin { get; init; } = 3;

    /// <summary>Gets the largest number of items: 16 to 100 million; default 1,000,000. When it is exceeded, the quarter of the items with the lowest weights of the last week is removed.</summary>
    public int ItemsMax { get; init; } = 1_000_000;

    /// <summary>Gets the largest number of neighbours of an item: 8 to 10,000; default 200. When it is exceeded, the half of the neighbours with the lowest weights is removed.</summary>
    public int NeighboursMax { get; init; } = 200;

    /// <summary>Gets the largest number of users whose last items are kept: 1 to 100 million; default 100,000. When it is exceeded, the user who has been inactive for longest is removed.</summary>
    public int UserTailsMax { get; init; } = 100_000;

    /// <summary>
    /// Gets the largest number of interactions of all these users together: 1,024 to 1 billion; default 1,000,000, which take up to 60 MB. They are kept so that a repeated interaction does not count again, and the weight of a retracted
    /// or erased one is subtracted. When the limit is exceeded, the user who has been inactive for longest is removed; that user's interactions stay counted.
    /// </summary>
    public int ActsMax { get; init; } = 1_000_000;

    /// <summary>Returns a description of the first value outside its range; null if the options are valid.</summary>
    public string? Problem() =>
        UsersMin is < 1 or > UsersMinMax ? $"{nameof(UsersMin)} is {UsersMin}; 1 to {UsersMinMax} is allowed"
        : ItemsMax is < ItemsMaxMin or > ItemsMaxMax ? $"{nameof(ItemsMax)} is {ItemsMax}; {ItemsMaxMin} to {ItemsMaxMax:N0} is allowed"
        : NeighboursMax is < 8 or > 10_000 ? $"{nameof(NeighboursMax)} is {NeighboursMax}; 8 to 10,000 is allowed"
        : UserTailsMax is < 1 or > UserTailsMaxMax ? $"{nameof(UserTailsMax)} is {UserTailsMax}; 1 to {UserTailsMaxMax:N0} is allowed"
        : ActsMax is < UserActs.CountMax or > 1_000_000_000 ? $"{nameof(ActsMax)} is {ActsMax}; {UserActs.CountMax:N0} to 1,000,000,000 is allowed"
        : null;
}
