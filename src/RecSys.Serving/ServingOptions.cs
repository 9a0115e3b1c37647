namespace RecSys.Serving;

/// <summary>Options of the making of slates. Section <see cref="Section"/>.</summary>
public sealed class ServingOptions
{
    /// <summary>The section's path in appsettings.json.</summary>
    public const string Section = "recsys:serving";

    /// <summary>The largest number of candidates of one source.</summary>
    public const int CandidatesMax = 10_000;

    /// <summary>A request that waited this many deadlines before it was begun is refused: its caller has likely given up.</summary>
    public const int RefusedAfterDeadlines = 4;

    /// <summary>Gets or sets the time a request may take before it answers with what it has.</summary>
    /// <value>The default is 150 ms; 1 ms to 10 s.</value>
    public TimeSpan Deadline { get; set; } = TimeSpan.FromMilliseconds(150);

    /// <summary>Gets or sets how many slates are made at once; one more is answered from what is in memory: the user's slate of a moment ago, or what trends.</summary>
    /// <value>The default is 64 for each processor; 1 to 100,000.</value>
    public int SlatesAtOnceMax { get; set; } = 64 * Environment.ProcessorCount;

    /// <summary>Gets or sets the share of the deadline that reading the profile may take, waiting for a position included.</summary>
    /// <value>The default is 0.6; 0.05 to 0.95.</value>
    public double ProfileShare { get; set; } = 0.6;

    /// <summary>Gets or sets the share of the deadline that one candidate source may take; one that takes longer is left out.</summary>
    /// <value>The default is 0.25; 0.01 to 0.95.</value>
    public double SourceShare { get; set; } = 0.25;

    /// <summary>Gets or sets the share of the deadline after which no further source is begun, so that ranking has the rest.</summary>
    /// <value>The default is 0.9; 0.1 to 0.99.</value>
    public double SourcesEndShare { get; set; } = 0.9;

    /// <summary>Gets or sets the number of candidates of the scan of all embeddings.</summary>
    /// <value>The default is 150; 10 to <see cref="CandidatesMax"/>. The items of earlier pages are added.</value>
    public int EmbeddingCandidates { get; set; } = 150;

    /// <summary>Gets or sets the number of neighbours of each recent item, of each kind.</summary>
    /// <value>The default is 20; 1 to 1,000.</value>
    public int NeighbourCandidates { get; set; } = 20;

    /// <summary>Gets or sets the number of items of the trending, latest and popular sources.</summary>
    /// <value>The default is 50; 1 to <see cref="CandidatesMax"/>. Three times the requested count and the items of earlier pages, if more.</value>
    public int ListCandidates { get; set; } = 50;

    /// <summary>Gets or sets how many of the newest items the session counts.</summary>
    /// <value>The default is 6; 1 to 64.</value>
    public int RecentItems { get; set; } = 6;

    /// <summary>Gets or sets the half-life of an item's weight in the session.</summary>
    /// <value>The default is 30 minutes; 1 minute to 30 days.</value>
    public TimeSpan SessionHalfLife { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Gets or sets the half-life of an item's weight in co-visits and like content.</summary>
    /// <value>The default is 1 day; 1 minute to 365 days.</value>
    public TimeSpan RecentHalfLife { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Gets or sets what of a recent item's weight in co-visits and like content never decays where the model has no score of the history.</summary>
    /// <value>The default is 0.25; 0 to 1. With such a score the old items are in it already, and here they fade to nothing.</value>
    public double RecentFloor { get; set; } = 0.25;

    /// <summary>Gets or sets what an item counts less than the one touched after it.</summary>
    /// <value>The default is 0.7; 0 to 1.</value>
    public double RankDecay { get; set; } = 0.7;

    /// <summary>Gets or sets what an item of the request's own (a session or basket) counts in the fold-in.</summary>
    /// <value>The default is 2, as a click; above 0 to 100.</value>
    public double SessionItemWeight { get; set; } = 2;

    /// <summary>Gets or sets the half-life of an item's newness.</summary>
    /// <value>The default is 14 days; 1 hour to 3,650 days.</value>
    public TimeSpan FreshnessHalfLife { get; set; } = TimeSpan.FromDays(14);

    /// <summary>Gets or sets how long trending, latest and popular lists are kept for the next request.</summary>
    /// <value>The default is 1 s; 0 to 1 minute.</value>
    public TimeSpan ListLifetime { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets what each feature adds to a score.</summary>
    public BlendWeights Weights { get; set; } = new();

    /// <summary>Gets or sets the curve from scores to confidences.</summary>
    public ConfidenceCurve Confidence { get; set; } = new();

    /// <summary>Gets or sets the weight of variety for requests without one.</summary>
    /// <value>The default is 0: score alone; 0 to 1.</value>
    public double Diversity { get; set; }

    /// <summary>Gets or sets the least weight of variety for a user without history, whose taste is unknown.</summary>
    /// <value>The default is 0.3; 0 to 1.</value>
    public double ColdDiversity { get; set; } = 0.3;

    /// <summary>Gets or sets the most of a slate that one category may take while items of others are left.</summary>
    /// <value>The default is 1: no limit; above 0 to 1. Not applied where the request names a category.</value>
    public double CategoryShareMax { get; set; } = 1;

    /// <summary>Gets or sets the same for a user without history.</summary>
    /// <value>The default is 0.4; above 0 to 1.</value>
    public double ColdCategoryShareMax { get; set; } = 0.4;

    /// <summary>Gets or sets the share of positions, never the first, that are given to a candidate drawn by chance.</summary>
    /// <value>The default is 0: none; 0 to 0.5.</value>
    public double ExplorationShare { get; set; }

    /// <summary>Gets or sets the seed of exploration, sampling and recommendation ids.</summary>
    /// <value>The default is null: drawn when the process starts.</value>
    public ulong? Seed { get; set; }

    /// <summary>Gets or sets the share of slates that go to the impression log.</summary>
    /// <value>The default is 1: all; 0 to 1.</value>
    public double ImpressionSampling { get; set; } = 1;

    /// <summary>Gets or sets how many slates are kept for when the pipeline cannot answer.</summary>
    /// <value>The default is 10,000; 0 (none) to 1,000,000.</value>
    public int CachedSlates { get; set; } = 10_000;

    /// <summary>Gets or sets how long a kept slate may be served.</summary>
    /// <value>The default is 1 minute; 1 s to 1 hour.</value>
    public TimeSpan CachedSlateLifetime { get; set; } = TimeSpan.FromMinutes(1);
}
