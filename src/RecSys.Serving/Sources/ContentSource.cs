using RecSys.Core.Catalogue;
using RecSys.Core.Models;
using RecSys.Serving.Pipeline;

namespace RecSys.Serving.Sources;

/// <summary>Returns items of similar content: the model's content neighbours of the recent items, and new items of their categories, which the model may not have yet.</summary>
/// <remarks>
/// content(j) = Σ over recent items r: weight(r) · similarity(r, j): the model's if it has the content of j, otherwise the overlap of
/// categories; plus, in the categories that a new user's labels name, 10 times the share of the weights for new users.
/// </remarks>
internal sealed class ContentSource(SharedLists lists, ServingOptions options) : ICandidateSource
{
    /// <summary>Number of categories whose newest items are considered.</summary>
    private const int CategoriesMax = 4;

    /// <summary>What a category that the labels of a user without history name adds to the feature: as much as several similar items do.</summary>
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
            if (run.Scratch.Recents[recent].Entry is { Content.Categories: { IsEmpty: false } named } && !IsSeen(run, recent, named[0]))
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

    /// <summary>Returns the similarity of a candidate for which no content neighbours were read.</summary>
    public static float LikenessByCategory(SlateRun run, CatalogueItem? entry)
    {
        float likeness = 0;
        for (int recent = 0; recent < run.RecentCount; recent++)
        {
            ref RecentItem item = ref run.Scratch.Recents[recent];
            likeness += item.RecentWeight < RecentItem.WeightMin ? 0 : item.RecentWeight * CatalogueFilter.Overlap(item.Entry, entry);
        }

        return likeness;
    }

    /// <summary>Returns the part of a candidate's feature that a new user's labels add: how little else is known of the user, if the labels name one of its categories.</summary>
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

    /// <summary>Returns whether the model has the content of a candidate, so that its neighbours are complete.</summary>
    public static bool IsByModel(SlateRun run, int index) => index >= 0 && run.Model!.ContentDimension > 0 && run.RecentCount > 0;

    private static bool IsSeen(SlateRun run, int before, string category)
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
