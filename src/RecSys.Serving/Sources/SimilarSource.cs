using RecSys.Core.Models;
using RecSys.Serving.Pipeline;

namespace RecSys.Serving.Sources;

/// <summary>Returns the items that are similar to the recent ones by the model, so that recent clicks change a slate.</summary>
/// <remarks>The feature is session(j) = Σ over recent items r: weight(r) · similarity(r, j) / the highest similarity of r to any item.</remarks>
internal sealed class SimilarSource : ICandidateSource
{
    public string Name => "similar";

    public int Feature => Pipeline.Feature.Session;

    public bool IsWanted(SlateRun run) => run.Model is not null && run.RecentCount > 0;

    public bool TryCollect(SlateRun run, int source, double limit)
    {
        ModelSnapshot model = run.Model!;
        for (int recent = 0; recent < run.RecentCount; recent++)
        {
            ref RecentItem item = ref run.Scratch.Recents[recent];
            int index = run.Scratch.History[item.At].Index;
            if (index < 0 || item.SessionWeight < RecentItem.WeightMin)
            {
                continue;
            }

            Neighbours neighbours = model.SimilarTo(index);
            int count = Math.Min(neighbours.Count, item.NeighbourCount);
            for (int i = 0; i < count; i++)
            {
                int slot = run.AddIndex(neighbours.Indices[i], source);
                run.FeatureOf(slot, Feature) += item.SessionWeight * (neighbours.Scores[i] / neighbours.Scores[0]);
            }
        }

        return true;
    }
}
