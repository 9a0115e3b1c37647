using System.Collections.Immutable;
using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Slates;
using RecSys.Core.Trends;
using RecSys.Core.Users;
using RecSys.Serving.Explaining;
using RecSys.Serving.Pipeline;

namespace RecSys.Serving;

internal sealed partial class Recommender
{
    /// <summary>The entry in <see cref="Slate.DegradedReasons"/> if more than <see cref="Limits.AliasesMax"/> users were merged into the slate's user, so that the profile lacks the histories of some.</summary>
    internal static readonly string MergedLeftOut = $"only {Limits.AliasesMax} of the users merged into this one are read";

    /// <summary>The user's profile as far as it could be read within <see cref="ServingOptions.ProfileShare"/> of the deadline.</summary>
    /// <param name="Profile">The user's profile; an empty one if the request has no user, null if it could not be read.</param>
    /// <param name="IsReflected">Whether the profile and the catalogue reflect the requested position of the log; null if the request has no position.</param>
    /// <param name="Problem">The reason why the profile or a part of it is missing, or null.</param>
    private readonly record struct UserReading(UserProfile? Profile, bool? IsReflected, string? Problem);

    private async ValueTask<UserReading> ReadAsync(UserId? user, LogPosition? after, RequestClock clock, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (user is null && after is null)
        {
            return new UserReading(UserProfile.Empty, null, null);
        }

        TimeSpan left = (_options.Deadline * _options.ProfileShare) - clock.Elapsed;
        using CancellationTokenSource timeout = new(left > TimeSpan.Zero ? left : TimeSpan.Zero, _time);
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        UserProfile? profile = user is null ? UserProfile.Empty : null;
        bool isReflected = true;
        string? problem = null;
        if (user is { } id)
        {
            try
            {
                ProfileReading reading = await WaitAsync(_profiles.GetAsync(id, after, linked.Token), linked.Token).ConfigureAwait(false);
                profile = reading.Profile;
                isReflected = reading.IsReflected;
                problem = reading.HasMoreMerged ? MergedLeftOut : null;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                problem = "profile late";
            }
            catch (Exception failure) when (failure is StoreUnavailableException or OverloadedException or TimeoutException)
            {
                problem = "profile unavailable";
            }
        }

        if (after is null)
        {
            return new UserReading(profile, null, problem);
        }

        try
        {
            isReflected = profile is not null && isReflected
                && await WaitAsync(_catalogue.WaitUntilAsync(after, linked.Token), linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            isReflected = false;
        }

        return new UserReading(profile, isReflected, problem);
    }

    /// <summary>Waits for a task until it ends or the token is cancelled, even if the task ignores the token.</summary>
    private static ValueTask<T> WaitAsync<T>(ValueTask<T> pending, CancellationToken token) =>
        pending.IsCompleted ? pending : new ValueTask<T>(pending.AsTask().WaitAsync(token));

    /// <summary>Returns the user's cached slate with the catalogue's current prices and stock, without the items that may not be shown now or are on the page already; null if no slate is cached or no item is left.</summary>
    private Slate? FromCache(Owner owner, ulong requestKey, SlateRequest request, in UserReading reading, IReadOnlyList<ItemId> onPage)
    {
        if (_cache.TryGet(owner, requestKey, out TimeSpan age) is not { } kept)
        {
            return null;
        }

        ItemCatalogue catalogue = _catalogue.Current;
        long nowMs = _time.GetUtcNow().ToUnixTimeMilliseconds();
        ImmutableArray<SlateItem>.Builder items = ImmutableArray.CreateBuilder<SlateItem>(kept.Items.Length);
        foreach (SlateItem item in kept.Items)
        {
            if (!onPage.Contains(item.Item)
                && CatalogueFilter.ReasonOf(catalogue, request.Category, nowMs, item.Item, out CatalogueItem? entry) == FilterReason.None)
            {
                items.Add(ReferenceEquals(item.Content, entry?.Content) ? item : item with { Content = entry?.Content });
            }
        }

        return items.Count == 0
            ? null
            : kept with
            {
                RecommendationId = _ids.Next(),
                ServedBy = ServedBy.Cached,
                DegradedReasons = [reading.Problem ?? "out of time", FormattableString.Invariant($"slate of {age.TotalSeconds:0.#} s ago")],
                FreshnessMs = kept.FreshnessMs + age.TotalMilliseconds,
                IsReflected = reading.IsReflected is null ? null : false,
                Stages = [],
                Items = items.DrainToImmutable(),
                Next = null,
            };
    }

    /// <summary>Creates a slate from the lists that are the same for all users: the trending items, or the latest items if no trending item may be shown. If the request has candidates, the slate has only these, the trending ones first; without candidates, a slate of items to look at again is empty. The lists are in memory, so such a slate is created even after the deadline.</summary>
    private Slate FromLists(SlateRequest request, in UserReading reading, SlateRun run)
    {
        int asked = (3 * request.Count) + run.OnPage.Count;
        List<SlateItem> items = [];
        HashSet<ItemId>? given = request.Candidates is { } candidates ? [.. candidates] : request.IsLookAgain ? [] : null;
        ReadOnlySpan<ScoredItem> trending = TrendingOrLast(request.Category, asked, run.NowMs);
        for (int i = 0; i < trending.Length && items.Count < request.Count; i++)
        {
            ItemId id = trending[i].Item;
            if (given?.Remove(id) != false && MayBeShown(run, id, out CatalogueItem? entry))
            {
                string reason = Reasons.Trending(request.Category ?? Reasons.FirstCategory(entry));
                items.Add(ListItem(entry, id, trending[i].Score / trending[0].Score, Feature.Trend, reason, TrendingSource));
            }
        }

        foreach (ItemId id in request.Candidates ?? [])
        {
            if (items.Count < request.Count && given!.Remove(id) && MayBeShown(run, id, out CatalogueItem? entry))
            {
                items.Add(ListItem(entry, id, 0, Feature.Trend, Reasons.NotRanked, RequestSource));
            }
        }

        ReadOnlySpan<CatalogueItem> latest = items.Count == 0 && given is null ? _lists.Latest(request.Category, asked) : [];
        for (int i = 0; i < latest.Length && items.Count < request.Count; i++)
        {
            if (MayBeShown(run, latest[i].Id, out CatalogueItem? entry))
            {
                float freshness = (float)HistoryReader.Decay(Math.Max(0, run.NowMs - latest[i].AddedAtMs), _options.FreshnessHalfLife);
                items.Add(ListItem(
                    entry, latest[i].Id, freshness, Feature.Freshness, Reasons.New(request.Category ?? Reasons.FirstCategory(entry)), LatestSource));
            }
        }

        return new Slate
        {
            RecommendationId = _ids.Next(),
            ServedBy = items.Count > 0 ? ServedBy.Trending : ServedBy.Nothing,
            DegradedReasons = [.. run.Degraded ?? ["out of time"]],
            IsColdUser = true,
            FreshnessMs = _profiles.LagMs,
            IsReflected = reading.IsReflected,
            InteractionsHeld = run.Profile.Count,
            Sources = [.. run.Sources],
            Items = [.. items],
        };
    }

    /// <summary>Returns the trending items; if they cannot be computed now, those that were computed last.</summary>
    private ReadOnlySpan<ScoredItem> TrendingOrLast(string? category, int count, long nowMs)
    {
        try
        {
            return _lists.Trending(category, TrendWindow.Day, count, nowMs);
        }
        catch (Exception failure) when (failure is StoreUnavailableException or OverloadedException or TimeoutException)
        {
            return _lists.LastTrending(category);
        }
    }

    private static bool MayBeShown(SlateRun run, ItemId id, out CatalogueItem? entry)
    {
        ulong key = run.KeyOf(id, out int index);
        return CatalogueFilter.ReasonOf(run, id, index, out entry) == FilterReason.None
            && !run.Scratch.Blocked.TryGet(key, out _)
            && !(run.Scratch.SeenPlaces.TryGet(key, out int seen) && run.Scratch.Seen[seen].IsDemoted)
            && !(run.Cursor is { } cursor && cursor.Shown.BinarySearch(ItemHash.HighBits(ItemHash.Of(id))) >= 0);
    }
}
