using RecSys.Core.Catalogue;
using RecSys.Core.Models;
using RecSys.Serving.Pipeline;

namespace RecSys.Serving.Sources;

/// <summary>Returns items of similar content: the model's content neighbours of the recent items, and the newest items of their categories, which the model may not have yet.</summary>
/// <remarks>
/// content(j) = Σ over recent items r: weight(r) · similarity(r, j). The similarity is that of the model if it has the content of j, otherwise the overlap of
/// categories. An item in a category that a new user's labels name has in addition <see cref="LabelEvidence"/> · the share of the weights for new users.
/// </remarks>
internal sealed class ContentSource(SharedLists lists, ServingOptions options) : ICandidateSource
{
    /// <summary>The largest number of categories of recent items whose newest items are candidates.</summary>
    private const int CategoriesMax = 4;

    /// <summary>The amount that a category named by a new user's labels adds to the feature of its items, for a user without history: as much as several similar items.</summary>
    private const float LabelEvidence = 10;

    public string Name => "content";

    public int Feature => Pipeline.Feature.Content;

    public bool IsWanted(SlateRun run) => run.RecentCount > 0 || run.Interests.Count > 0;

    public bool TryCollect(SlateRun run, int source, double limit)
    {
        for (int recent = 0; recent < run.RecentCount; recent++)
        {
            ref RecentItem item = ref run.Scratch.Recents[recent];
            int index = run.Scratch.History[item.At].Index;
            if (index < 0 || item.RecentWeight < RecentItem.WeightMin)
            {
                continue;
            }

            Neighbours neighbours = run.Model!.ContentNeighboursOf(index);
            int count = Math.Min(neighbours.Count, item.NeighbourCount);
            for (int i = 0; i < count; i++)
            {
                int slot = run.AddIndex(neighbours.Indices[i], source);
                run.FeatureOf(slot, Feature) += item.RecentWeight * neighbours.Scores[i];
            }
        }

        int categories = 0;
        for (int recent = 0; recent < run.RecentCount && categories < CategoriesMax; recent++)
        {
            if (run.Scratch.Recents[recent].Entry is { Content.Categories: { IsEmpty: false } named } && !IsCategoryOfNewer(run, recent, named[0]))
            {
                categories++;
                AddLatest(run, source, named[0], run.Scratch.Recents[recent].NeighbourCount);
            }
        }

        for (int interest = 0; interest < run.Interests.Count; interest++)
        {
            AddLatest(run, source, run.Interests[interest], options.ListCandidates);
            AddPopular(run, source, run.Interests[interest]);
        }

        return true;
    }

    /// <summary>Returns the weighted sum of the overlaps of a candidate's categories with those of the recent items: the content feature of a candidate whose content the model does not have.</summary>
    public static float CategorySimilarity(SlateRun run, CatalogueItem? entry)
    {
        float similarity = 0;
        for (int recent = 0; recent < run.RecentCount; recent++)
        {
            ref RecentItem item = ref run.Scratch.Recents[recent];
            similarity += item.RecentWeight < RecentItem.WeightMin ? 0 : item.RecentWeight * CatalogueFilter.Overlap(item.Entry, entry);
        }

        return similarity;
    }

    /// <summary>Returns the part of a candidate's content feature that a new user's labels add; 0 if they name none of its categories. It falls as the user likes more items.</summary>
    public static float InterestIn(SlateRun run, CatalogueItem? entry)
    {
        for (int interest = 0; interest < run.Interests.Count && entry is not null; interest++)
        {
            if (CatalogueFilter.Has(entry.Content.Categories, run.Interests[interest]))
            {
                return LabelEvidence * run.NewShare;
            }
        }

        return 0;
    }

    /// <summary>Returns whether the content feature of a candidate comes from the model's content neighbours: the model has the candidate and content vectors.</summary>
    public static bool IsByModel(SlateRun run, int index) => index >= 0 && run.Model!.ContentDimension > 0 && run.RecentCount > 0;

    private static bool IsCategoryOfNewer(SlateRun run, int before, string category)
    {
        for (int recent = 0; recent < before; recent++)
        {
            if (run.Scratch.Recents[recent].Entry is { Content.Categories: { IsEmpty: false } named } && named[0] == category)
            {
                return true;
            }
        }

        return false;
    }

    private void AddLatest(SlateRun run, int source, string category, int count) =>
        lists.LatestList(category, count).AddTo(run, count, source);

    private void AddPopular(SlateRun run, int source, string category) =>
        lists.TrendingList(category, Core.Trends.TrendWindow.AllTime, options.ListCandidates, run.NowMs).AddTo(run, options.ListCandidates, source);
}
