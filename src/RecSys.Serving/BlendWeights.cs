namespace RecSys.Serving;

/// <summary>Weights of the features in a score: score = Σ weight · feature.</summary>
/// <remarks>
/// Features are normalised to about 0 to 1 for one item of evidence, so the weights can be read against each other. Where the user has an embedding,
/// Affinity dominates: the other features break ties, react to the last minutes, and replace it where there is no embedding.
/// </remarks>
public sealed class BlendWeights
{
    /// <summary>The largest weight.</summary>
    public const double WeightMax = 100;

    /// <summary>Gets or sets the weight of the folded-in embedding's score, of which the best candidate has 1.</summary>
    /// <value>The default is 1; 0 to <see cref="WeightMax"/>, as all weights.</value>
    public double Affinity { get; set; } = 1;

    /// <summary>Gets or sets the weight of similarity to the session's items, by the model.</summary>
    /// <value>The default is 0.6: the nearest neighbours of an item clicked in this minute rank among the ten best, and half an hour later no longer.</value>
    public double Session { get; set; } = 0.6;

    /// <summary>Gets or sets the weight of being touched by the same users as the recent items.</summary>
    /// <value>The default is 0.2.</value>
    public double CoVisit { get; set; } = 0.2;

    /// <summary>Gets or sets the weight of like content.</summary>
    /// <value>The default is 0.1.</value>
    public double Content { get; set; } = 0.1;

    /// <summary>Gets or sets the weight of popularity since the beginning, on a logarithmic scale.</summary>
    /// <value>The default is 0.03.</value>
    public double Popularity { get; set; } = 0.03;

    /// <summary>Gets or sets the weight of trending now.</summary>
    /// <value>The default is 0.04.</value>
    public double Trend { get; set; } = 0.04;

    /// <summary>Gets or sets the weight of newness in the catalogue.</summary>
    /// <value>The default is 0.02.</value>
    public double Freshness { get; set; } = 0.02;
}
