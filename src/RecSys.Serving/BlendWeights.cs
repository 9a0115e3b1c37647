using RecSys.Serving.Pipeline;

namespace RecSys.Serving;

/// <summary>Weights of the features in a score: score = Σ weight · feature.</summary>
/// <remarks>
/// Most features are about 0 to 1, so that the weights are comparable; session and content are sums over the recent items, and the labels of a new user add at most 10 to content. A known user's slate depends mainly on the match with the whole history and on the co-visits of the last items; a new user's
/// slate depends mainly on popularity. The popularity feature is the weight of an item's interactions per user: in a large catalogue the interactions are spread over more items, so that it adds little to a score.
/// </remarks>
public sealed class BlendWeights
{
    /// <summary>The largest weight that the settings may give; the smallest is 0.</summary>
    public const double WeightMax = 100;

    /// <summary>Gets or sets the weight of the model's score for the user's history, divided by the highest score of all items except those that the user's acts leave out of slates, such as bought or disliked ones.</summary>
    /// <value>The default is 1, and 0.3 for new users; like all weights, 0 to 100.</value>
    public double Affinity { get; set; } = 1;

    /// <summary>Gets or sets the weight of the similarity, by the model, to the items of the session.</summary>
    /// <value>The default is 0.4, 0.2 for new users, and 1 for similar items. With 0.4, the nearest neighbours of an item that was just clicked are among the first ten of the slate.</value>
    public double Session { get; set; } = 0.4;

    /// <summary>Gets or sets the weight of co-visits: interactions by the users who also interacted with the recent items.</summary>
    /// <value>The default is 2, 1 for new users, and 0.3 for similar items.</value>
    public double CoVisit { get; set; } = 2;

    /// <summary>Gets or sets the weight of the similarity of content to the recent items.</summary>
    /// <value>The default is 0.3, 0.1 for new users, and 0.6 for similar items.</value>
    public double Content { get; set; } = 0.3;

    /// <summary>Gets or sets the weight of the popularity over the whole log: the total weight of the item's interactions, divided by the number of users or, if that is larger, by the total weight of the most popular item.</summary>
    /// <value>The default is 0.03, and 3 for new users.</value>
    public double Popularity { get; set; } = 0.03;

    /// <summary>Gets or sets the weight of the current trend.</summary>
    /// <value>The default is 0.04, and 0.3 for new users.</value>
    public double Trend { get; set; } = 0.04;

    /// <summary>Gets or sets the weight of freshness: how recently the item was added to the catalogue.</summary>
    /// <value>The default is 0.02, for new users too.</value>
    public double Freshness { get; set; } = 0.02;

    /// <summary>Gets or sets the weight of the square root of affinity, which separates weak matches more than affinity does.</summary>
    /// <value>The default is 0, for new users too; a fit to the log gives it a weight if slates are better with it.</value>
    public double AffinityRoot { get; set; }

    /// <summary>Gets or sets the weight of the share of the item's categories in the user's history.</summary>
    /// <value>The default is 0, for new users too; a fit to the log gives it a weight if slates are better with it.</value>
    public double Taste { get; set; }

    /// <summary>Gets or sets the weight of purchases by other users that followed the purchase of a recent item. Without a plugged-in ranker, their source runs only if the weight for the user is above 0.</summary>
    /// <value>The default is 0, for new users too; a fit to the log gives it a weight if slates are better with it.</value>
    public double BoughtNext { get; set; }

    /// <summary>Gets or sets the weight of the match with the newest liked items, by the model's embeddings: the newest item counts most, whatever its age.</summary>
    /// <value>The default is 0, for new users too; a fit to the log gives it a weight if slates are better with it.</value>
    public double Newest { get; set; }

    /// <summary>Returns the <see cref="Feature.Count"/> weights in the order of the features.</summary>
    internal double[] ToArray()
    {
        double[] values = new double[Feature.Count];
        values[Feature.Affinity] = Affinity;
        values[Feature.Session] = Session;
        values[Feature.CoVisit] = CoVisit;
        values[Feature.Content] = Content;
        values[Feature.Popularity] = Popularity;
        values[Feature.Trend] = Trend;
        values[Feature.Freshness] = Freshness;
        values[Feature.AffinityRoot] = AffinityRoot;
        values[Feature.Taste] = Taste;
        values[Feature.BoughtNext] = BoughtNext;
        values[Feature.Newest] = Newest;
        return values;
    }

    /// <summary>Returns whether each weight equals that of another object.</summary>
    internal bool HasSameValues(BlendWeights others) => ToArray().AsSpan().SequenceEqual(others.ToArray());

    /// <summary>Returns the default weights of lists of similar items: similarity counts more than co-visits.</summary>
    internal static BlendWeights OfSimilarItems() => new() { Session = 1, CoVisit = 0.3, Content = 0.6 };

    /// <summary>Returns the default weights for a user of whom nothing is known.</summary>
    internal static BlendWeights OfNewUsers() => new() { Affinity = 0.3, Session = 0.2, CoVisit = 1, Content = 0.1, Popularity = 3, Trend = 0.3 };
}
