using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RecSys.Core;
using RecSys.Core.Models;
using RecSys.Core.Ports;
using RecSys.Core.Ranking;
using RecSys.Core.Slates;
using RecSys.Core.Users;
using RecSys.Serving.Explaining;
using RecSys.Serving.Pipeline;
using RecSys.Serving.Ranking;
using RecSys.Serving.Sources;

namespace RecSys.Serving;

/// <summary>The serving layer: reads the profile, runs the pipeline, and falls back to a lower tier if needed.</summary>
/// <remarks>
/// The tiers, best first: all parts (<see cref="ServedBy.Full"/>); all parts but those that are late, failed or missing (<see cref="ServedBy.Reduced"/>). If the profile could not be read in
/// time: the user's cached slate, which is more personal than popular items (<see cref="ServedBy.Cached"/>); if none is cached, the model with the request's own items, or its popular items
/// (<see cref="ServedBy.Batch"/>); trending items (<see cref="ServedBy.Trending"/>); an empty slate (<see cref="ServedBy.Nothing"/>).
/// </remarks>
internal sealed partial class Recommender : IRecommender
{
    private const string ProfileStage = "profile";

    private readonly IUserProfiles _profiles;
    private readonly IItemCatalogue _catalogue;
    private readonly IServedModels _models;
    private readonly IImpressionLog? _impressions;
    private readonly OwnerHash _hash;
    private readonly TimeProvider _time;
    private readonly ServingOptions _options;
    private readonly SlateCache _cache;
    private readonly SlateAdmission _admission;
    private readonly ServingMetrics _metrics;
    private readonly RecommendationIds _ids;
    private readonly SharedLists _lists;
    private readonly CandidateSources _sources;
    private readonly RankerChoice _rankers;
    private readonly SlatePipeline _pipeline;
    private readonly ActWords _words;
    private readonly ModelPopularities _popularities = new();
    private readonly ConditionalWeakTable<ModelSnapshot, ModelCells> _cells = [];
    private readonly ScratchPool _scratch = new();

    public Recommender(
        IUserProfiles profiles,
        IItemCatalogue catalogue,
        ITrends trends,
        IServedModels models,
        IImpressionLog? impressions,
        IRanker? ranker,
        OwnerHash hash,
        InteractionTypes types,
        TimeProvider time,
        ServingOptions options,
        SlateCache cache,
        ServingMetrics metrics)
    {
        _profiles = profiles;
        _catalogue = catalogue;
        _models = models;
        _impressions = impressions;
        _hash = hash;
        _time = time;
        _options = options;
        _cache = cache;
        _admission = new SlateAdmission(options.SlatesAtOnceMax);
        _metrics = metrics;
        _ids = new RecommendationIds(time, options.Seed);
        _lists = new SharedLists(trends, catalogue, time, options);
        _sources = new CandidateSources(trends, _lists, _popularities, options);
        _rankers = new RankerChoice(ranker, options);
        _pipeline = new SlatePipeline(_sources, _lists, _popularities, _rankers, types, options);
        _words = new ActWords(types);
    }

    public ValueTask<Slate> RecommendAsync(SlateRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        Require(request.Problem(), nameof(request));
        return _warmUp.IsCompleted ? BeginAsync(request, cancellationToken) : AfterWarmUpAsync(request, cancellationToken);
    }

    private async ValueTask<Slate> AfterWarmUpAsync(SlateRequest request, CancellationToken cancellationToken)
    {
        await _warmUp.WaitAsync(cancellationToken).ConfigureAwait(false);
        return await BeginAsync(request, cancellationToken).ConfigureAwait(false);
    }

    private static void Require(RequestProblem? problem, string name)
    {
        if (problem is not null)
        {
            throw new ArgumentException($"{problem.Field} {problem.Text}", name);
        }
    }

    private async ValueTask<Slate> ServeAsync(SlateRequest request, RequestClock clock, CancellationToken cancellationToken)
    {
        long erasuresBefore = _cache.ErasureCount;
        UserReading reading = await ReadAsync(request.User, request.After, clock, cancellationToken).ConfigureAwait(false);
        StageTime read = new(ProfileStage, (clock.Elapsed - request.Waited).TotalMilliseconds);
        Slate slate = Serve(request, reading, clock, erasuresBefore, read, onPage: []);
        _metrics.SlateCreated(slate, clock.Elapsed);
        return slate;
    }

    private Slate Serve(SlateRequest request, in UserReading reading, RequestClock clock, long erasuresBefore, StageTime read, List<ItemId> onPage)
    {
        Owner? owner = request.User is { } user ? _hash.Of(user) : null;
        ulong requestKey = RequestKeyOf(request);
        bool isCacheable = owner is not null && IsCacheable(request);
        if (isCacheable && (reading.Profile is null || clock.IsPast(_options.SourcesEndShare))
            && FromCache(owner!.Value, requestKey, request, reading, onPage) is { } cached)
        {
            return cached;
        }

        using ModelLease? lease = _models.TryLease();
        using SlateRun run = NewRun(request, reading, clock, lease, onPage);
        if (reading.Problem is { } problem)
        {
            run.Degrade(problem);
        }

        if (lease is null)
        {
            run.Degrade("no model yet");
        }

        bool answered = _pipeline.Run(run);
        if (!answered)
        {
            return (isCacheable ? FromCache(owner!.Value, requestKey, request, reading, onPage) : null) ?? FromLists(request, reading, run);
        }

        Slate slate = SlateOf(run, reading, read);
        AppendImpression(slate, run, owner);
        if (isCacheable && onPage.Count == 0 && reading.Profile is not null && !slate.Items.IsEmpty)
        {
            _cache.Put(owner!.Value, requestKey, slate, erasuresBefore);
        }

        return slate;
    }

    private SlateRun NewRun(
        SlateRequest request, in UserReading reading, RequestClock clock, ModelLease? lease, IReadOnlyList<ItemId> onPage, ItemId? target = null, bool needsAllFeatures = false)
    {
        long nowMs = _time.GetUtcNow().ToUnixTimeMilliseconds();
        SlateCursor? cursor = request.Cursor is { } text && SlateCursor.TryParse(text, out SlateCursor? read) ? read : null;
        return new SlateRun(request, _scratch, clock, nowMs)
        {
            Catalogue = _catalogue.Current,
            Cells = CellsOf(lease),
            Profile = reading.Profile ?? UserProfile.Empty,
            Lease = lease,
            Cursor = cursor,
            OnPage = onPage,
            Target = target,
            NeedsAllFeatures = needsAllFeatures,
            ReasonWeights = _rankers.OfKnown.Weights,
            SeenGain = (float)(request.IsLookAgain ? _options.SeenPenalty : -(request.User is null ? _options.SessionSeenPenalty : _options.SeenPenalty)),
            HiddenKindPenalty = (float)_options.HiddenKindPenalty,
            SeenMax = request.IsLookAgain
                ? int.MaxValue
                : (int)(request.Count * (request.User is null ? _options.SessionSeenShareMax : _options.SeenShareMax)),
            StartsUnseen = request.User is not null && !request.IsLookAgain,
            Seed = SeedOf(request, nowMs),
        };
    }

    private ModelCells? CellsOf(ModelLease? lease) =>
        lease is null ? null
        : _cells.TryGetValue(lease.Model, out ModelCells? cells) ? cells
        : _cells.GetValue(lease.Model, model => new ModelCells(_catalogue.Current, model));

    private Slate SlateOf(SlateRun run, in UserReading reading, StageTime read)
    {
        SlateItem[] items = new SlateItem[run.SelectedCount];
        Span<ulong> shown = stackalloc ulong[Limits.SlateMax];
        for (int position = 0; position < items.Length; position++)
        {
            int slot = run.Scratch.Selected[position];
            items[position] = ItemOf(run, slot, Reasons.Of(run, slot, _options, _words), run.Scratch.Propensities[position]);
            shown[position] = ItemHash.Of(items[position].Item);
        }

        bool isFull = items.Length == run.Request.Count && !(run.IsGiven && items.Length == run.FilterCounts[(int)FilterReason.None]);
        List<string>? degraded = run.Degraded;
        ServedBy servedBy = degraded is null ? ServedBy.Full
            : reading.Profile is not null || run.Request.User is null ? ServedBy.Reduced
            : run.Model is not null ? ServedBy.Batch
            : ServedBy.Trending;
        return new Slate
        {
            RecommendationId = _ids.Next(),
            ModelVersion = run.Model?.Card.Version.Value,
            ServedBy = servedBy,
            DegradedReasons = degraded is null ? [] : [.. degraded],
            IsColdUser = !run.HasModelScores,
            FreshnessMs = _profiles.LagMs,
            IsReflected = reading.IsReflected,
            InteractionsHeld = run.Profile.Count,
            InteractionsSinceModel = run.NewerThanModelCount,
            Stages = run.Request.Waited > TimeSpan.Zero ? [WaitedStage(run.Request), read, .. run.Stages] : [read, .. run.Stages],
            Sources = [.. run.Sources],
            Filtered = FiltersOf(run),
            Items = ImmutableCollectionsMarshal.AsImmutableArray(items),
            Next = isFull ? NextOf(run, shown[..items.Length]) : null,
        };
    }

    /// <summary>Returns the cursor of the next page, which repeats neither the items of this slate nor those of the shelves before it; null if the next page would exceed the limit of a cursor.</summary>
    private static string? NextOf(SlateRun run, ReadOnlySpan<ulong> shown) =>
        SlateCursor.After(run.Cursor, run.OnPage.Count == 0 ? shown : [.. shown, .. run.OnPage.Select(ItemHash.Of)]);

    private SlateItem ItemOf(SlateRun run, int slot, string reason, float propensity)
    {
        ref readonly Candidate candidate = ref run.Scratch.Candidates[slot];
        double score = run.Scratch.Scores[slot];
        return new SlateItem
        {
            Item = candidate.Id,
            Score = score,
            Confidence = _rankers.CurveOf(run).Of(score, run.FoldCount),
            Explanation = reason,
            Features = FeaturesOf(run.Scratch.Features.AsSpan(slot * Feature.Count, Feature.Count)),
            Sources = _sources.NamesOf(candidate.Sources),
            Content = candidate.Entry?.Content,
            SeenAtMs = candidate.Seen > 0 ? run.Scratch.Seen[candidate.Seen - 1].LastMs : null,
            IsUnknown = candidate.IsUnknown,
            Propensity = propensity,
        };
    }

    private static SlateFeatures FeaturesOf(ReadOnlySpan<float> row) =>
        new(Feature.Names, ImmutableCollectionsMarshal.AsImmutableArray(row.ToArray()));

    private static ImmutableArray<FilterReport> FiltersOf(SlateRun run)
    {
        ImmutableArray<FilterReport>.Builder reports = ImmutableArray.CreateBuilder<FilterReport>();
        for (int reason = 1; reason < run.FilterCounts.Length; reason++)
        {
            if (run.FilterCounts[reason] > 0)
            {
                reports.Add(new FilterReport((FilterReason)reason, run.FilterCounts[reason]));
            }
        }

        return reports.ToImmutable();
    }

    /// <summary>Records the slate in the impression log if it is in the sample; counts it as lost if the log's queue is full.</summary>
    private void AppendImpression(Slate slate, SlateRun run, Owner? owner)
    {
        if (_impressions is null || slate.Items.IsEmpty || !IsSampled(slate.RecommendationId))
        {
            return;
        }

        ImpressionItem[] items = new ImpressionItem[slate.Items.Length];
        for (int position = 0; position < items.Length; position++)
        {
            SlateItem item = slate.Items[position];
            items[position] = new ImpressionItem(item.Item, (float)item.Score, item.Propensity)
            {
                Reason = CutReason(item.Explanation),
                Parts = PartsOf(run, run.Scratch.Selected[position]),
            };
        }

        SlateImpression impression = new(slate.RecommendationId, run.IsPersonal ? owner : null, run.NowMs, slate.ModelVersion, items) { PartNames = PartNames };
        if (!_impressions.TryAppend(impression))
        {
            _metrics.ImpressionLost();
        }
    }

    private bool IsSampled(string recommendationId) =>
        _options.ImpressionSampling >= 1
        || (ItemHash.Of(recommendationId) >> 11) * (1.0 / (1UL << 53)) < _options.ImpressionSampling;

    /// <summary>Returns the seed of a request's random numbers: the same for the same request within one hour of UTC.</summary>
    private ulong SeedOf(SlateRequest request, long nowMs)
    {
        ulong seed = RequestKeyOf(request) ^ (_ids.Seed * 0x9E37_79B9_7F4A_7C15) ^ (ulong)(nowMs / 3_600_000);
        seed = (seed * 31) + (request.User is { } user ? ItemHash.Of(user.Value) : 0);
        return (seed * 31) + (request.Cursor is { } cursor ? ItemHash.Of(cursor) : 0);
    }

    /// <summary>Returns the key of a request in the cache: requests of a user with equal keys may get the same cached slate.</summary>
    private static ulong RequestKeyOf(SlateRequest request)
    {
        ulong requestKey = (ulong)request.Count;
        requestKey = (requestKey * 31) + (request.Category is { } category ? ItemHash.Of(category) : 1);
        requestKey = (requestKey * 31) + (request.Scenario is { } scenario ? ItemHash.Of(scenario) : 1);
        requestKey = (requestKey * 31) + (request.Seen is { } seen ? 2 + (ulong)seen : 1);
        return (requestKey * 31) + (ulong)BitConverter.DoubleToInt64Bits(request.Diversity ?? -1);
    }
}
