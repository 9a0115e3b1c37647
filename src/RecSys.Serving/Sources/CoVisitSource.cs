using RecSys.Core;
using RecSys.Core.Ports;
using RecSys.Serving.Pipeline;

namespace RecSys.Serving.Sources;

/// <summary>Returns items with which the same users interacted shortly before or after the recent ones, by the current trends. It needs no model.</summary>
/// <remarks>
/// s(j) = Σ over recent items r: weight(r) · coVisits(r, j), where coVisits(r, r) is <see cref="ITrends.ReturnScore"/> if items may return (<see cref="SlateRun.MayReturn"/>) and 0 otherwise. The feature is
/// coVisit(j) = s(j) / (the highest s of a candidate + <see cref="ServingOptions.CoVisitEvidence"/>). coVisits(r, j) is a share of the co-visits of r, so it is high if most users go on to the same item.
/// </remarks>
internal sealed class CoVisitSource(ITrends trends) : ICandidateSource
{
    public string Name => "coVisit";

    public int Feature => Pipeline.Feature.CoVisit;

    public bool IsWanted(SlateRun run) => run.RecentCount > 0;

    public bool TryCollect(SlateRun run, int source, double limit)
    {
        run.ReturnScore = run.MayReturn ? trends.ReturnScore : 0;
        for (int recent = 0; recent < run.RecentCount; recent++)
        {
            if (run.Clock.IsPast(limit))
            {
                return false;
            }

            ref RecentItem item = ref run.Scratch.Recents[recent];
            if (item.RecentWeight < RecentItem.WeightMin)
            {
                continue;
            }

            ItemId id = run.Scratch.History[item.At].Item;
            if (run.ReturnScore > 0)
            {
                run.FeatureOf(run.Add(id, source), Feature) += item.RecentWeight * run.ReturnScore;
            }

            run.Scratch.CoVisits[recent] = trends.GetCoVisited(id, item.NeighbourCount);
            ReadOnlySpan<ScoredItem> visited = run.CoVisitsOf(recent);
            for (int i = 0; i < visited.Length; i++)
            {
                int slot = run.Add(visited[i].Item, source);
                run.FeatureOf(slot, Feature) += item.RecentWeight * visited[i].Score;
            }
        }

        return true;
    }
}
