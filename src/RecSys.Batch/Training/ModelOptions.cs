namespace RecSys.Batch.Training;

/// <summary>Options of a model's training. The same options, log, catalogue, seed and parent give the same bytes.</summary>
public sealed record ModelOptions
{
    /// <summary>Seed of all random numbers; default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Length of an item embedding, 1 to 512; default 64. Time grows with its square to cube, memory in proportion.</summary>
    public int Dimension { get; init; } = 64;

    /// <summary>Passes over users and items without a parent, 1 to 200; default 10.</summary>
    public int Iterations { get; init; } = 10;

    /// <summary>Passes when the embeddings start from a parent's, 1 to 200; default 4.</summary>
    public int WarmIterations { get; init; } = 4;

    /// <summary>
    /// Weight of all unobserved pairs together, as a multiple of that of all observed ones; above 0 to 1,000; default 6. It
    /// means the same for few items and for many. Higher values favour popular items less.
    /// </summary>
    public double UnobservedMass { get; init; } = 6;

    /// <summary>Regularisation of an embedding, above 0 to 100; default 0.05. Higher values favour popular items more.</summary>
    public double Regularisation { get; init; } = 0.05;

    /// <summary>Growth of the regularisation with a row's number of entries, 0 (none) to 1 (in proportion); default 0.8.</summary>
    public double RegularisationExponent { get; init; } = 0.8;

    /// <summary>Similar items kept per item, 0 to 1,000; default 100.</summary>
    public int SimilarItems { get; init; } = 100;

    /// <summary>
    /// The most items with interactions for which the linear item-item operator is learned in closed form, 0 (never) to 20,000; default 4,000. Its time
    /// grows with the cube, its memory with the square: 4,000 items take some 20 s of one core and 300 MB. For more items it is counted.
    /// </summary>
    public int OperatorItemsMax { get; init; } = 4_000;

    /// <summary>Regularisation of the operator, above 0; default 30.</summary>
    public double OperatorRegularisation { get; init; } = 30;

    /// <summary>Exponent by which users with many items count less in the operator's input, 0 to 1; default 0.1.</summary>
    public double OperatorUserExponent { get; init; } = 0.1;

    /// <summary>Exponent by which items with many users count less in the operator's input, 0 to 1; default 0.2.</summary>
    public double OperatorItemExponent { get; init; } = 0.2;

    /// <summary>Entries of the operator kept per item, 1 to 10,000; default 500. A counted operator keeps at most 200.</summary>
    public int OperatorEntries { get; init; } = 500;

    /// <summary>Weight of the operator beside the embeddings, 0 to 100; at 1 the scores of both deviate equally; default 1.</summary>
    public double OperatorShare { get; init; } = 1;

    /// <summary>Length of a content vector, 0 (none) to 1,024; default 128.</summary>
    public int ContentDimension { get; init; } = 128;

    /// <summary>Neighbours by content kept per item, 0 to 1,000; default 50.</summary>
    public int ContentNeighbours { get; init; } = 50;

    /// <summary>The most items of a model, 1 to 10,000,000; default 2,000,000. A log with more items cannot be trained on.</summary>
    public int ItemsMax { get; init; } = 2_000_000;

    /// <summary>Returns what is wrong with these options, or null.</summary>
    public string? Problem() =>
        Outside(Dimension, 1, 512, nameof(Dimension))
        ?? Outside(Iterations, 1, 200, nameof(Iterations))
        ?? Outside(WarmIterations, 1, 200, nameof(WarmIterations))
        ?? Outside(UnobservedMass, 1e-6, 1_000, nameof(UnobservedMass))
        ?? Outside(Regularisation, 1e-12, 100, nameof(Regularisation))
        ?? Outside(RegularisationExponent, 0, 1, nameof(RegularisationExponent))
        ?? Outside(SimilarItems, 0, 1_000, nameof(SimilarItems))
        ?? Outside(OperatorItemsMax, 0, 20_000, nameof(OperatorItemsMax))
        ?? Outside(OperatorRegularisation, 1e-6, 1e9, nameof(OperatorRegularisation))
        ?? Outside(OperatorUserExponent, 0, 1, nameof(OperatorUserExponent))
        ?? Outside(OperatorItemExponent, 0, 1, nameof(OperatorItemExponent))
        ?? Outside(OperatorEntries, 1, 10_000, nameof(OperatorEntries))
        ?? Outside(OperatorShare, 0, 100, nameof(OperatorShare))
        ?? Outside(ContentDimension, 0, 1_024, nameof(ContentDimension))
        ?? Outside(ContentNeighbours, 0, 1_000, nameof(ContentNeighbours))
        ?? Outside(ItemsMax, 1, 10_000_000, nameof(ItemsMax));

    internal static string? Outside(double value, double least, double most, string name) =>
        value >= least && value <= most
            ? null
            : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name} is {value}; {least} to {most} is allowed");
}
