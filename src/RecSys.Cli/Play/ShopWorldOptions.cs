namespace RecSys.Cli.Play;

/// <summary>Size of the simulated shop. The same options, seed and time give the same shop, record by record.</summary>
internal sealed record ShopWorldOptions
{
    /// <summary>Items of the catalogue, 1 to 2,016: every thing in every word of its department once.</summary>
    public int ItemCount { get; init; } = 2_000;

    /// <summary>Shoppers, 12 or more; the first twelve have names to pick from.</summary>
    public int ShopperCount { get; init; } = 2_000;

    /// <summary>Days of history before now.</summary>
    public int Days { get; init; } = 30;

    /// <summary>Interactions a shopper makes on average.</summary>
    public int InteractionsPerShopper { get; init; } = 30;

    /// <summary>The seed.</summary>
    public ulong Seed { get; init; } = 20_260_101;
}
