namespace RecSys.Serving;

/// <summary>Weights of the features in a score: score = Σ weight · feature.</summary>
/// <remarks>
/// Features are normalised to about 0 to 1 for one item of evidence, so that the weights are comparable. If the user has an embedding,
/// Affinity dominates: the other features break ties, react to the last minutes, and replace it if there is no embedding.
/// </remarks>
public sealed class BlendWeights
{
    /// <summary>The largest weight.</summary>
    public const double WeightMax = 100;

    /// <summary>Gets or sets the weight of the model's score for the user's history, normalised so that the best candidate has 1.</summary>
    /// <value>The default is 1; like all weights, 0 to 100.</value>
    public double Affinity { get; set; } = 1;

    /// <summary>Gets or sets the weight of the similarity, by the model, to the items of the session.</summary>
    /// <value>The default is 0.6: right after a click on an item its nearest neighbours are among the ten best, and half an hour later they no longer are.</value>
    public double Session { get; set; } = 0.6;

    /// <summary>Gets or sets the weight of co-visits: interactions by the same users as with the recent items.</summary>
    /// <value>The default is 0.2.</value>
    public double CoVisit { get; set; } = 0.2;

    /// <summary>Gets or sets the weight of the similarity of content to the recent items.</summary>
    /// <value>The default is 0.1.</value>
    public double Content { get; set; } = 0.1;

    /// <summary>Gets or sets the weight of the popularity over the whole log, on a logarithmic scale.</summary>
    /// <value>The default is 0.03.</value>
    public double Popularity { get; set; } = 0.03;

    /// <summary>Gets or sets the weight of the current trend.</summary>
    /// <value>The default is 0.04.</value>
    public double Trend { get; set; } = 0.04;

    /// <summary>Gets or sets the weight of freshness: how recently the item was added to the catalogue.</summary>
    /// <value>The default is 0.02.</value>
    public double Freshness { get; set; } = 0.02;
}
