namespace RecSys.Batch.Training;

/// <summary>Options of a model's training. Two trainings of one installation with the same options, log, catalogue and parent model give the same bytes.</summary>
public sealed record ModelOptions
{
    /// <summary>Gets the seed of all random numbers of a training.</summary>
    /// <value>The default is 1; 0 to 2⁶⁴ − 1.</value>
    public ulong Seed { get; init; } = 1;

    /// <summary>Gets the length of an item embedding. A higher value distinguishes items more finely. Memory grows in proportion, training time between the square and the cube.</summary>
    /// <value>The default is 64; 1 to 512.</value>
    public int Dimension { get; init; } = 64;

    /// <summary>Gets the number of passes over users and items in a training that starts from random embeddings. Training time grows in proportion.</summary>
    /// <value>The default is 10; 1 to 200.</value>
    public int Iterations { get; init; } = 10;

    /// <summary>Gets the number of passes in a training that starts from the embeddings of an earlier model.</summary>
    /// <value>The default is 4; 1 to 200.</value>
    public int WarmIterations { get; init; } = 4;

    /// <summary>
    /// Gets the total weight with which a training draws the scores of all (user, item) pairs to 0, as a multiple of the total weight with which it draws
    /// those of the observed pairs to 1. It is a multiple so that one value suits small and large catalogues. A higher value favours popular items less.
    /// </summary>
    /// <value>The default is 6; above 0 to 1,000.</value>
    public double UnobservedMass { get; init; } = 6;

    /// <summary>Gets the regularisation of an embedding. A higher value fits single interactions less and favours popular items more.</summary>
    /// <value>The default is 0.05; above 0 to 100.</value>
    public double Regularisation { get; init; } = 0.05;

    /// <summary>Gets the exponent by which the regularisation of a user or an item grows with the number of its interactions.</summary>
    /// <value>The default is 0.8; 0 (no growth) to 1 (in proportion).</value>
    public double RegularisationExponent { get; init; } = 0.8;

    /// <summary>Gets the number of similar items that the model keeps for each item.</summary>
    /// <value>The default is 100; 0 to 1,000.</value>
    public int SimilarItems { get; init; } = 100;

    /// <summary>
    /// Gets the largest number of items with interactions for which the operator is learned in closed form. The operator is a matrix of weights: each item of a
    /// history adds its row to the scores of the other items. Time grows with the cube of this number, memory with the square: 4,000 items take about 20 s of one
    /// core and 300 MB. For more items the operator is computed from co-occurrence counts.
    /// </summary>
    /// <value>The default is 4,000; 0 (no operator) to 20,000.</value>
    public int OperatorItemsMax { get; init; } = 4_000;

    /// <summary>Gets the regularisation of the operator. A higher value fits single interactions less. An operator from counts does not use it.</summary>
    /// <value>The default is 30; above 0 to 1,000,000,000.</value>
    public double OperatorRegularisation { get; init; } = 30;

    /// <summary>Gets the exponent a by which users with many items count less in the input of the operator: the weights of a user with n items are multiplied by n^−a. An operator from counts does not use it.</summary>
    /// <value>The default is 0.1; 0 (all users count alike) to 1.</value>
    public double OperatorUserExponent { get; init; } = 0.1;

    /// <summary>Gets the exponent b by which items with many users count less in the input of the operator: the weights of an item with n users are multiplied by n^−b. A higher value favours popular items less. An operator from counts does not use it.</summary>
    /// <value>The default is 0.2; 0 (all items count alike) to 1.</value>
    public double OperatorItemExponent { get; init; } = 0.2;

    /// <summary>Gets the number of entries of the operator that are kept for each item. An operator from counts keeps at most 200.</summary>
    /// <value>The default is 500; 1 to 10,000.</value>
    public int OperatorEntries { get; init; } = 500;

    /// <summary>Gets the weight of the operator's scores relative to those of the embeddings. At 1 both have the same standard deviation.</summary>
    /// <value>The default is 1; 0 (embeddings only) to 100.</value>
    public double OperatorShare { get; init; } = 1;

    /// <summary>Gets the length of a content vector. A higher value compares texts and labels more exactly; memory grows in proportion.</summary>
    /// <value>The default is 128; 0 (no content vectors) to 1,024.</value>
    public int ContentDimension { get; init; } = 128;

    /// <summary>Gets the number of items of similar content that the model keeps for each item.</summary>
    /// <value>The default is 50; 0 to 1,000.</value>
    public int ContentNeighbours { get; init; } = 50;

    /// <summary>Gets the largest number of items of a model. A training on a log with more items fails.</summary>
    /// <value>The default is 2,000,000; 1 to 10,000,000.</value>
    public int ItemsMax { get; init; } = 2_000_000;

    /// <summary>Returns a description of the first value outside its range; null if the options are valid.</summary>
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
