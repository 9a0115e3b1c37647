using System.Collections.Immutable;
using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Core.Ports;
using RecSys.Core.Slates;
using RecSys.Core.Trends;
using RecSys.Serving.Explaining;
using RecSys.Serving.Pipeline;
using RecSys.Serving.Sources;

namespace RecSys.Serving;

internal sealed partial class Recommender
{
    private static readonly ImmutableArray<string> TrendingSource = ["trending"];
    private static readonly ImmutableArray<string> LatestSource = ["latest"];
    private static readonly ImmutableArray<string> PopularSource = ["popular"];
    private static readonly ImmutableArray<string> RequestSource = [GivenSource.OfRequest];

    public ValueTask<ItemList?> SimilarAsync(SimilarRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        Require(request.Problem(), nameof(request));
        return SimilarToAsync(request, cancellationToken);
    }

    public ValueTask<ItemList> TrendingAsync(ItemListRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        Require(request.Problem(), nameof(request));
        cancellationToken.ThrowIfCancellationRequested();
        return new(ByTrends(request, request.Window, Feature.Trend, TrendingSource, run: null));
    }

    public ValueTask<ItemList> PopularAsync(ItemListRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        Require(request.Problem(), nameof(request));
        cancellationToken.ThrowIfCancellationRequested();
        return new(ByTrends(request, TrendWindow.AllTime, Feature.Popularity, PopularSource, run: null));
    }

    public ValueTask<ItemList> LatestAsync(ItemListRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        Require(request.Problem(), nameof(request));
        cancellationToken.ThrowIfCancellationRequested();
        return new(Latest(request, run: null));
    }

    private ItemList Latest(ItemListRequest request, SlateRun? run)
    {
        long nowMs = _time.GetUtcNow().ToUnixTimeMilliseconds();
        List<SlateItem> items = [];
        for (int asked = 3 * request.Count; ; asked = Math.Min(ServingOptions.CandidatesMax, asked * 4))
        {
            items.Clear();
            ReadOnlySpan<CatalogueItem> latest = _lists.Latest(request.Category, asked);
            for (int i = 0; i < latest.Length && items.Count < request.Count; i++)
            {
                if (MayBeListed(request, nowMs, latest[i].Id, run, out CatalogueItem? entry))
                {
                    float freshness = (float)HistoryReader.Decay(Math.Max(0, nowMs - entry!.AddedAtMs), _options.FreshnessHalfLife);
                    string reason = Reasons.New(request.Category ?? Reasons.FirstCategory(entry));
                    items.Add(ListItem(entry, entry.Id, freshness, Feature.Freshness, reason, LatestSource));
                }
            }

            if (items.Count == request.Count || latest.Length < asked || asked == ServingOptions.CandidatesMax)
            {
                return ListOf(items, ServedBy.Full, []);
            }
        }
    }

    private ItemList ByTrends(ItemListRequest request, TrendWindow window, int feature, ImmutableArray<string> source, SlateRun? run)
    {
        long nowMs = _time.GetUtcNow().ToUnixTimeMilliseconds();
        List<SlateItem> items = [];
        ImmutableArray<string> degraded = [];
        for (int asked = 3 * request.Count; ; asked = Math.Min(ServingOptions.CandidatesMax, asked * 4))
        {
            ReadOnlySpan<ScoredItem> trending;
            try
            {
                trending = _lists.Trending(request.Category, window, asked, nowMs);
            }
            catch (Exception failure) when (failure is StoreUnavailableException or OverloadedException or TimeoutException)
            {
                trending = _lists.LastTrending(request.Category);
                degraded = ["trends failed"];
                asked = ServingOptions.CandidatesMax;
            }

            ListChoice choice = new(request.Count, run is { HistoryCount: 0 } && request.Category is null ? _options.ColdCategoryShareMax : 1);
            for (int i = 0; i < trending.Length && !choice.IsFull; i++)
            {
                if (MayBeListed(request, nowMs, trending[i].Item, run, out CatalogueItem? entry))
                {
                    choice.Offer(trending[i], entry);
                }
            }

            if (choice.IsFull || trending.Length < asked || asked == ServingOptions.CandidatesMax)
            {
                foreach ((ScoredItem item, CatalogueItem? entry) in choice.Items())
                {
                    string? category = request.Category ?? Reasons.FirstCategory(entry);
                    string reason = feature == Feature.Popularity ? Reasons.Popular(category) : Reasons.Trending(category);
                    items.Add(ListItem(entry, item.Item, item.Score / trending[0].Score, feature, reason, source));
                }

                if (feature == Feature.Popularity)
                {
                    AddPopularOfModel(request, nowMs, items, run);
                }

                return ListOf(items, degraded.IsEmpty ? ServedBy.Full : items.Count > 0 ? ServedBy.Reduced : ServedBy.Nothing, degraded);
            }
        }
    }

    /// <summary>Adds the model's popular items after those of the trends until the list is full: trends contain only items with interactions of enough users.</summary>
    private void AddPopularOfModel(ItemListRequest request, long nowMs, List<SlateItem> items, SlateRun? run)
    {
        using ModelLease? lease = _models.TryLease();
        if (lease is null || items.Count == request.Count)
        {
            return;
        }

        HashSet<ItemId> named = [.. items.Select(item => item.Item)];
        double least = items.Count > 0 ? items[^1].Score : 1;
        ReadOnlySpan<int> popular = _popularities.Of(lease.Model).Popular;
        for (int i = 0; i < popular.Length && items.Count < request.Count; i++)
        {
            ItemId id = lease.Model.ItemAt(popular[i]);
            if (!named.Contains(id) && MayBeListed(request, nowMs, id, run, out CatalogueItem? entry))
            {
                float share = lease.Model.Popularity[popular[i]] / lease.Model.Popularity[popular[0]];
                items.Add(ListItem(entry, id, (float)(least * share), Feature.Popularity, Reasons.Popular(request.Category ?? Reasons.FirstCategory(entry)), PopularSource));
            }
        }
    }

    private async ValueTask<ItemList?> SimilarToAsync(SimilarRequest request, CancellationToken cancellationToken)
    {
        RequestClock clock = new(_time, _options.Deadline);
        UserReading reading = await ReadAsync(request.User, after: null, clock, cancellationToken).ConfigureAwait(false);
        return Similar(request, reading, clock, onPage: []);
    }

    /// <summary>Returns items similar to one item: the recommendations for a session that consists of it, by similarity only. The user's history only excludes items.</summary>
    private ItemList? Similar(SimilarRequest request, in UserReading reading, RequestClock clock, IReadOnlyList<ItemId> onPage)
    {
        SlateRequest session = new() { User = request.User, Items = [request.Item], Count = request.Count, Category = request.Category };
        using ModelLease? lease = _models.TryLease();
        bool isInModel = false;
        bool hasNeighbours = lease is not null && (isInModel = lease.Model.TryGetIndex(request.Item, out int index))
            && lease.Model.SimilarTo(index).Count > 0;
        using SlateRun run = new(session, _scratch, clock, _time.GetUtcNow().ToUnixTimeMilliseconds())
        {
            Catalogue = _catalogue.Current,
            Cells = CellsOf(lease),
            Profile = reading.Profile ?? Core.Users.UserProfile.Empty,
            Lease = lease,
            ReasonWeights = _rankers.OfSimilarItems.Weights,
            AllowedSources = hasNeighbours ? CandidateSources.OfSimilarItems : CandidateSources.OfSimilarItemsByEmbedding,
            IsSimilarOnly = true,
            OnPage = onPage,
        };
        if (reading.Problem is { } problem)
        {
            run.Degrade(problem);
        }

        bool answered = _pipeline.Run(run);
        if (!isInModel && !run.Catalogue.TryGet(request.Item, out _) && run.Sources.TrueForAll(source => source.Count == 0))
        {
            return null;
        }

        List<SlateItem> items = new(run.SelectedCount);
        string reason = $"Similar to {Reasons.Quoted(run.Catalogue, request.Item)}";
        for (int position = 0; position < run.SelectedCount; position++)
        {
            items.Add(ItemOf(run, run.Scratch.Selected[position], reason, propensity: 1));
        }

        ServedBy servedBy = !answered ? ServedBy.Nothing : run.Degraded is null ? ServedBy.Full : ServedBy.Reduced;
        return ListOf(items, servedBy, [.. run.Degraded ?? []]) with { ModelVersion = lease?.Model.Card.Version.Value };
    }

    private ItemList ListOf(List<SlateItem> items, ServedBy servedBy, ImmutableArray<string> degraded) => new()
    {
        RecommendationId = _ids.Next(),
        ServedBy = servedBy,
        DegradedReasons = degraded,
        FreshnessMs = _profiles.LagMs,
        Items = [.. items],
    };

    /// <summary>Creates an item of a list that is ordered by a single feature; the feature's value is the score.</summary>
    private SlateItem ListItem(CatalogueItem? entry, ItemId id, float value, int feature, string reason, ImmutableArray<string> sources)
    {
        Span<float> row = stackalloc float[Feature.Count];
        row.Clear();
        row[feature] = value;
        return new SlateItem
        {
            Item = id,
            Score = value,
            Confidence = _options.Confidence.Of(value, likedItems: 0),
            Explanation = reason,
            Features = FeaturesOf(row),
            Sources = sources,
            Content = entry?.Content,
        };
    }
}
