namespace RecSys.Cli.Play;

/// <summary>Size of the simulated shop. The same options, seed and time give the same shop, record by record.</summary>
internal sealed record ShopWorldOptions
{
    /// <summary>Gets the number of items of the catalogue, 1 to 1,200, which is every product name combined with every adjective of its department.</summary>
    public int ItemCount { get; init; } = 1_000;

    /// <summary>Gets the number of shoppers, 12 or more; the first twelve have names and can be chosen on the page.</summary>
    public int ShopperCount { get; init; } = 2_000;

    /// <summary>Gets the number of days of history before now.</summary>
    public int Days { get; init; } = 30;

    /// <summary>Gets the mean number of interactions per shopper.</summary>
    public int InteractionsPerShopper { get; init; } = 30;

    /// <summary>Gets the seed of the simulation.</summary>
    public ulong Seed { get; init; } = 20_260_101;
}
