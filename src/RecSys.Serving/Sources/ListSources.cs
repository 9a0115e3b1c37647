using RecSys.Core;
using RecSys.Core.Trends;
using RecSys.Serving.Pipeline;

namespace RecSys.Serving.Sources;

/// <summary>Returns trending items. The feature is trend(j) = the decayed weight of j / the highest decayed weight.</summary>
internal sealed class TrendingSource(SharedLists lists, ServingOptions options) : ICandidateSource
{
    public string Name => "trending";

    public int Feature => Pipeline.Feature.Trend;

    public bool IsWanted(SlateRun run) => true;

    public bool TryCollect(SlateRun run, int source, double limit)
    {
        int count = options.ListCount(run);
        SharedList<ScoredItem> list = lists.TrendingList(run.Request.Category, TrendWindow.Day, count, run.NowMs);
        ReadOnlySpan<ScoredItem> trending = list.First(count);
        ReadOnlySpan<int> indices = list.IndicesIn(run.Model);
        for (int i = 0; i < trending.Length; i++)
        {
            int slot = run.Add(trending[i].Item, indices[i], source);
            run.FeatureOf(slot, Feature) = trending[i].Score / trending[0].Score;
        }

        return true;
    }
}

/// <summary>Returns the items added to the catalogue last, so that items without interactions can be found.</summary>
internal sealed class LatestSource(SharedLists lists, ServingOptions options) : ICandidateSource
{
    public string Name => "latest";

    public int Feature => -1;

    public bool IsWanted(SlateRun run) => true;

    public bool TryCollect(SlateRun run, int source, double limit)
    {
        int count = options.ListCount(run);
        lists.LatestList(run.Request.Category, count).AddTo(run, count, source);
        return true;
    }
}

/// <summary>Returns the items that are popular over all time.</summary>
/// <remarks>The feature is popularity(j) = the total weight of j / the larger of the number of the model's users and the highest total weight. The weights are those of the model if it has the item, otherwise those of the trends.</remarks>
internal sealed class PopularSource(SharedLists lists, ModelPopularities popularities, ServingOptions options) : ICandidateSource
{
    public string Name => "popular";

    public int Feature => Pipeline.Feature.Popularity;

    public bool IsWanted(SlateRun run) => true;

    public bool TryCollect(SlateRun run, int source, double limit)
    {
        int count = options.ListCount(run);
        float most = 0;
        if (run.Model is { } model)
        {
            ModelPopularity ofModel = popularities.Of(model);
            most = ofModel.Unit;
            ReadOnlySpan<int> popular = run.Request.Category is null ? ofModel.Popular : [];
            for (int i = 0; i < popular.Length && i < count; i++)
            {
                run.AddIndex(popular[i], source);
            }
        }

        SharedList<ScoredItem> list = lists.TrendingList(run.Request.Category, TrendWindow.AllTime, count, run.NowMs);
        ReadOnlySpan<ScoredItem> allTime = list.First(count);
        ReadOnlySpan<int> indices = list.IndicesIn(run.Model);
        for (int i = 0; i < allTime.Length; i++)
        {
            int slot = run.Add(allTime[i].Item, indices[i], source);
            run.FeatureOf(slot, Feature) = allTime[i].Score / Math.Max(most, allTime[0].Score);
        }

        return true;
    }
}

internal static class ListCounts
{
    /// <summary>Returns the number of items that a list source reads: enough for a page although the earlier pages and shelves already show some of them.</summary>
    public static int ListCount(this ServingOptions options, SlateRun run) =>
        Math.Min(
            ServingOptions.CandidatesMax,
            Math.Max(options.ListCandidates, 3 * run.Request.Count) + (run.Cursor?.Shown.Length ?? 0) + run.OnPage.Count);
}
