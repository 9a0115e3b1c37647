using RecSys.Core;
using RecSys.Core.Ports;
using RecSys.Serving.Pipeline;

namespace RecSys.Serving.Sources;

/// <summary>Returns the items that other users bought after a recent item that this user bought too, by the current trends; it needs no model.</summary>
/// <remarks>
/// s(j) = Σ over bought recent items r: weight(r) · boughtNext(r, j), and boughtNext(j) = s(j) / (the highest s of a candidate + the evidence of the options).
/// </remarks>
internal sealed class BoughtNextSource(ITrends trends) : ICandidateSource
{
    public string Name => "boughtNext";

    public int Feature => Pipeline.Feature.BoughtNext;

    public bool IsWanted(SlateRun run) => run.ReadsBoughtNext && run.RecentCount > 0 && run.HasPurchases;

    public bool TryCollect(SlateRun run, int source, double limit)
    {
        for (int recent = 0; recent < run.RecentCount; recent++)
        {
            if (run.Clock.IsPast(limit))
            {
                return false;
            }

            ref RecentItem item = ref run.Scratch.Recents[recent];
            if (item.RecentWeight < RecentItem.WeightMin || !run.HasBought(run.Scratch.History[item.At].Key))
            {
                continue;
            }

            run.Scratch.BoughtNext[recent] = trends.GetBoughtNext(run.Scratch.History[item.At].Item, item.NeighbourCount);
            foreach (ref readonly ScoredItem bought in run.BoughtNextOf(recent))
            {
                run.FeatureOf(run.Add(bought.Item, source), Feature) += item.RecentWeight * bought.Score;
            }
        }

        return true;
    }
}
