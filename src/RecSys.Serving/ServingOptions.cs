namespace RecSys.Serving;

/// <summary>Options of the serving layer. Section <see cref="Section"/>.</summary>
public sealed class ServingOptions
{
    /// <summary>The section's path in appsettings.json.</summary>
    public const string Section = "recsys:serving";

    /// <summary>The largest number of candidates of one source.</summary>
    public const int CandidatesMax = 10_000;

    /// <summary>The waiting time, in deadlines, after which a request that was not started is refused, because its caller has probably given up.</summary>
    public const int RefusedAfterDeadlines = 4;

    /// <summary>Gets or sets the time within which a slate is computed; sources that are late are left out. A higher value gives more complete slates and slower answers under load.</summary>
    /// <value>The default is 150 ms; 1 ms to 10 s.</value>
    public TimeSpan Deadline { get; set; } = TimeSpan.FromMilliseconds(150);

    /// <summary>Gets or sets the largest number of slates that are computed at the same time; a further request is answered with a cached slate of the user or with trending items.</summary>
    /// <value>The default is 64 for each processor; 1 to 100,000.</value>
    public int SlatesAtOnceMax { get; set; } = 64 * Environment.ProcessorCount;

    /// <summary>Gets or sets the share of the deadline within which the profile must be read, including the wait for a requested position.</summary>
    /// <value>The default is 0.6; 0.05 to 0.95.</value>
    public double ProfileShare { get; set; } = 0.6;

    /// <summary>Gets or sets the share of the deadline within which a candidate source must answer; a slower one is left out.</summary>
    /// <value>The default is 0.25; 0.01 to 0.95.</value>
    public double SourceShare { get; set; } = 0.25;

    /// <summary>Gets or sets the share of the deadline after which no further source is started, so that the rest is left for ranking.</summary>
    /// <value>The default is 0.9; 0.1 to 0.99.</value>
    public double SourcesEndShare { get; set; } = 0.9;

    /// <summary>Gets or sets the number of candidates with the highest embedding scores. A higher value costs time per request.</summary>
    /// <value>The default is 100; 10 to <see cref="CandidatesMax"/>. On later pages the number of items already shown is added.</value>
    public int EmbeddingCandidates { get; set; } = 100;

    /// <summary>Gets or sets the number of candidates of the newest item from each neighbour source (similar items, co-visits, similar content); an older item has fewer, by <see cref="RankDecay"/>. A higher value costs time per request.</summary>
    /// <value>The default is 60; 1 to 1,000.</value>
    public int NeighbourCandidates { get; set; } = 60;

    /// <summary>Gets or sets the number of candidates from each of the trending, latest and popular lists.</summary>
    /// <value>The default is 50; 1 to <see cref="CandidatesMax"/>. Three times the requested count is used instead if it is more, and the number of items already shown is added.</value>
    public int ListCandidates { get; set; } = 50;

    /// <summary>Gets or sets how many of the user's newest items make up the session.</summary>
    /// <value>The default is 6; 1 to 64.</value>
    public int RecentItems { get; set; } = 6;

    /// <summary>Gets or sets the half-life of an item's weight in the session. A lower value follows the last minutes more closely.</summary>
    /// <value>The default is 30 minutes; 1 minute to 30 days.</value>
    public TimeSpan SessionHalfLife { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Gets or sets the half-life of a recent item's weight in the co-visit and content features.</summary>
    /// <value>The default is 14 days: after a week the last item still leads to the next one; 1 minute to 365 days.</value>
    public TimeSpan RecentHalfLife { get; set; } = TimeSpan.FromDays(14);

    /// <summary>Gets or sets the share of a recent item's weight in the co-visit and content features that does not decay with age. It applies only if the model cannot score the history.</summary>
    /// <value>The default is 0.25; 0 to 1. If the model can score the history, its score already includes old items, so the whole weight decays.</value>
    public double RecentFloor { get; set; } = 0.25;

    /// <summary>Gets or sets the factor by which each older item of the session counts less than the next newer one. At 1 all count alike; at 0 only the newest counts.</summary>
    /// <value>The default is 0.7; 0 to 1.</value>
    public double RankDecay { get; set; } = 0.7;

    /// <summary>Gets or sets the weight in the fold-in of an item that the request lists (a session or basket).</summary>
    /// <value>The default is 2, the weight of a click; above 0 to 100.</value>
    public double SessionItemWeight { get; set; } = 2;

    /// <summary>Gets or sets the half-life of the freshness feature: the age at which an item's freshness is half that of a new one.</summary>
    /// <value>The default is 14 days; 1 hour to 3,650 days.</value>
    public TimeSpan FreshnessHalfLife { get; set; } = TimeSpan.FromDays(14);

    /// <summary>Gets or sets the time for which the trending and popular lists are cached. The list of latest items is cached until the catalogue changes.</summary>
    /// <value>The default is 1 s; 0 (not cached) to 1 minute.</value>
    public TimeSpan ListLifetime { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets the weights of the features in a score.</summary>
    public BlendWeights Weights { get; set; } = new();

    /// <summary>Gets or sets the weights for a user without a history. For a user with n liked items their share is (k / (n + k))², where k is <see cref="KnownItems"/>; the share of <see cref="Weights"/> is the rest.</summary>
    public BlendWeights NewUserWeights { get; set; } = BlendWeights.OfNewUsers();

    /// <summary>Gets or sets the weights of lists of items similar to one item. In such a list the session consists of that item.</summary>
    public BlendWeights SimilarWeights { get; set; } = BlendWeights.OfSimilarItems();

    /// <summary>Gets or sets whether slates use the weights that a training fitted to the log instead of <see cref="Weights"/> and <see cref="NewUserWeights"/>.</summary>
    /// <value>The default is true. If the settings change any of these weights from its default, slates use those of the settings, and a training fits none.</value>
    public bool FittedWeights { get; set; } = true;

    /// <summary>Gets or sets the number of liked items at which the share of <see cref="NewUserWeights"/> has fallen to a quarter. A higher value shows popular items for longer.</summary>
    /// <value>The default is 20: the share is 91 % after one liked item, 44 % after ten and 3 % after a hundred; 0 (only <see cref="Weights"/> from the first liked item on) to 1,000.</value>
    public double KnownItems { get; set; } = 20;

    /// <summary>Gets or sets the strength of co-visits at which the co-visit feature of the best candidate is one half. A higher value trusts only frequent pairs of recent items.</summary>
    /// <value>The default is 0.01: one of a hundred co-visits of the newest item; 0 (the feature of the best candidate is always 1) to 10.</value>
    public double CoVisitEvidence { get; set; } = 0.01;

    /// <summary>Gets or sets the curve from scores to confidences.</summary>
    public ConfidenceCurve Confidence { get; set; } = new();

    /// <summary>Gets or sets the amount subtracted from the score of an item that was seen just now and may be shown again. A higher value shows fewer seen items.</summary>
    /// <value>The default is 0.5; 0 to 100. The amount is this · min(1, Σ 2^(−age / half-life)), summed over the interactions with the item. For a new user it is smaller, in proportion to the weight of affinity.</value>
    public double SeenPenalty { get; set; } = 0.5;

    /// <summary>Gets or sets <c>seenPenalty</c> for an anonymous session, where the time since an item was seen is not known.</summary>
    /// <value>The default is 0: a session often returns to an item, and <see cref="SessionSeenShareMax"/> leaves most places to other items; 0 to 100.</value>
    public double SessionSeenPenalty { get; set; }

    /// <summary>Gets or sets the half-life of the amount that <see cref="SeenPenalty"/> subtracts.</summary>
    /// <value>The default is 14 days; 1 minute to 365 days.</value>
    public TimeSpan SeenHalfLife { get; set; } = TimeSpan.FromDays(14);

    /// <summary>Gets or sets the largest share of a user's slate for seen items, as long as there are other candidates.</summary>
    /// <value>The default is 0.1 (one of ten places, none of fewer than ten); 0 to 1.</value>
    public double SeenShareMax { get; set; } = 0.1;

    /// <summary>Gets or sets the largest share of an anonymous session's slate for items that it has seen.</summary>
    /// <value>The default is 0.3, since a session often returns to an item; 0 to 1.</value>
    public double SessionSeenShareMax { get; set; } = 0.3;

    /// <summary>Gets or sets the weight of calibrated variety: a slate has the categories of the user's history in about the same proportions. A higher value follows them more closely and the scores less.</summary>
    /// <value>The default is 0.1; 0 (off) to 1. For m liked interactions it is multiplied by m / (m + 5). It has no effect on items without categories, on a request that names a category or candidates, and on a request with <c>diversity</c> 0.</value>
    public double Calibration { get; set; } = 0.1;

    /// <summary>Gets or sets how far a category's share of a slate may exceed its share of the user's history, as long as there are other candidates. A higher value lets the last interactions fill a slate.</summary>
    /// <value>The default is 0.15: after a few views of a new category, at least half of the places stay with older tastes; 0 to 1 (no limit). It has no effect where calibration has none.</value>
    public double TasteSurplusMax { get; set; } = 0.15;

    /// <summary>Gets or sets the half-life of an interaction's weight in the categories of the history. A lower value follows new tastes sooner.</summary>
    /// <value>The default is 30 days; 1 hour to 3,650 days. A fifth of the shares comes from the newest interactions by their order, whatever their age.</value>
    public TimeSpan TasteHalfLife { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Gets or sets the largest share of a slate for items with the same cause, that is, whose scores the same interaction of the history explains best, as long as there are other candidates.</summary>
    /// <value>The default is 0.3 (three of ten places); above 0 to 1 (no limit). In a history of n items, n being below 1 / share, the limit of each item is 1 / n; the limit of an item that was bought is not raised.</value>
    public double CauseShareMax { get; set; } = 0.3;

    /// <summary>Gets or sets the largest share of a slate for a category of which the user bought one item and has liked none since, as long as there are other candidates.</summary>
    /// <value>The default is 0.3; above 0 to 1 (no limit).</value>
    public double BoughtShareMax { get; set; } = 0.3;

    /// <summary>Gets or sets the largest amount subtracted from the score of a candidate if the user hid three or more items of its category. A higher value shows fewer items of that category.</summary>
    /// <value>The default is 1; 0 (off) to 100. The whole amount is subtracted if the items were hidden just now and the user liked no item of the category.</value>
    public double HiddenKindPenalty { get; set; } = 1;

    /// <summary>Gets or sets the half-life of a hidden item in <see cref="HiddenKindPenalty"/>.</summary>
    /// <value>The default is 30 days; 1 hour to 3,650 days.</value>
    public TimeSpan HiddenKindHalfLife { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Gets or sets the largest share of a slate for randomly drawn new items that fit the user's tastes. If a smaller share of the catalogue is new, that share applies. Each position of the second half shows such an item with a probability of twice the share, until the slate has this share of them, rounded up.</summary>
    /// <value>The default is 0.05 (one place in twenty: a slate of ten has one at most, in 41 of 100 slates if 5 % of the catalogue or more is new); 0 (off) to 0.5. The impression log records the probabilities.</value>
    public double NewItemShare { get; set; } = 0.05;

    /// <summary>Gets or sets the time for which an item is new since it was added to the catalogue. An item that was added with the first half of the catalogue, or in the hour after it, is not new, nor is one whose first interaction is older.</summary>
    /// <value>The default is 30 days; 0 (no item is new) to 3,650 days.</value>
    public TimeSpan NewItemAge { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Gets or sets the largest number of users who interacted with an item that is new. An item with more users is known well enough for the ranking.</summary>
    /// <value>The default is 10; 0 (only items without interactions are new) to 1,000,000.</value>
    public int NewItemUsersMax { get; set; } = 10;

    /// <summary>Gets or sets the weight of variety in the selection, for requests that do not set one. A higher value gives slates whose items are less similar to each other.</summary>
    /// <value>The default is 0 (score only); 0 to 1.</value>
    public double Diversity { get; set; }

    /// <summary>Gets or sets the minimum weight of variety for a user without history.</summary>
    /// <value>The default is 0.1; 0 to 1.</value>
    public double ColdDiversity { get; set; } = 0.1;

    /// <summary>Gets or sets the largest share of a slate that one category may have, as long as there are candidates of other categories.</summary>
    /// <value>The default is 1 (no limit); above 0 to 1. Ignored if the request names a category.</value>
    public double CategoryShareMax { get; set; } = 1;

    /// <summary>Gets or sets <c>categoryShareMax</c> for a user without history, also on trending and popular shelves of a page.</summary>
    /// <value>The default is 0.4; above 0 to 1.</value>
    public double ColdCategoryShareMax { get; set; } = 0.4;

    /// <summary>Gets or sets the share of positions, never the first, that are filled with a randomly drawn candidate (exploration). A higher value learns more about rarely shown items and costs relevance.</summary>
    /// <value>The default is 0 (no exploration); 0 to 0.5.</value>
    public double ExplorationShare { get; set; }

    /// <summary>Gets or sets the seed of exploration, sampling and recommendation ids.</summary>
    /// <value>The default is none: each start draws a random seed. 0 to 2⁶⁴ − 1.</value>
    public ulong? Seed { get; set; }

    /// <summary>Gets or sets the share of slates that are recorded in the impression log.</summary>
    /// <value>The default is 1 (all); 0 to 1.</value>
    public double ImpressionSampling { get; set; } = 1;

    /// <summary>Gets or sets the largest number of cached slates. A cached slate is the answer if a new one cannot be computed in time.</summary>
    /// <value>The default is 10,000; 0 (none) to 1,000,000.</value>
    public int CachedSlates { get; set; } = 10_000;

    /// <summary>Gets or sets the time for which a cached slate may be served.</summary>
    /// <value>The default is 1 minute; 1 s to 1 hour.</value>
    public TimeSpan CachedSlateLifetime { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets whether slates may use fitted weights: <see cref="FittedWeights"/> is set, and the settings change no weight from its default.</summary>
    internal bool TakesFittedWeights => FittedWeights && Weights.HasSameValues(new BlendWeights()) && NewUserWeights.HasSameValues(BlendWeights.OfNewUsers());

    /// <summary>Returns a copy of these options for an evaluation: with a seed of exploration, and without cached slates, which would not expire because the clock of an evaluation does not move.</summary>
    internal ServingOptions ForEvaluation(ulong seed)
    {
        ServingOptions copy = (ServingOptions)MemberwiseClone();
        copy.Seed = seed;
        copy.CachedSlates = 0;
        return copy;
    }
}
