using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Core.Models;
using RecSys.Core.Slates;
using RecSys.Numerics;
using RecSys.Serving.Pipeline;

namespace RecSys.Serving.Sources;

/// <summary>Returns the items with the model's highest scores for the whole history, by a fold-in and a scan of all items.</summary>
/// <remarks>
/// The scan skips excluded and seen items; seen items with high scores are then added beyond the number of candidates, so that a long history does not displace other items. The scan reads the catalogue only
/// if a category is requested, or if the filters removed too many candidates of the first scan, and only for items that would be among the best.
/// </remarks>
internal sealed class EmbeddingSource(ServingOptions options) : ICandidateSource
{
    public string Name => "embedding";

    public int Feature => Pipeline.Feature.Affinity;

    public bool IsWanted(SlateRun run) => run.HasModelScores;

    public bool TryCollect(SlateRun run, int source, double limit)
    {
        SlateScratch scratch = run.Scratch;
        ModelSnapshot model = run.Model!;
        Span<float> scan = scratch.ScanOf(model.ItemCount);
        if (!run.IsScanned)
        {
            run.Lease!.Scorer.ScoreAll(scratch.FoldItems.AsSpan(0, run.FoldCount), scratch.FoldWeights.AsSpan(0, run.FoldCount), scan);
            run.IsScanned = true;
        }

        int wanted = Math.Max(options.EmbeddingCandidates, 3 * run.Request.Count);
        scratch.RequireTop(wanted);
        float best = LeaveOut(scratch, scan);
        int count = run.Cursor is null && !run.ScanAsksCatalogue
            ? TopK.Select(scan, scratch.TopScores.AsSpan(0, wanted), scratch.TopIndices.AsSpan(0, wanted), float.Epsilon)
            : SelectShowable(run, scan, wanted, ref best);
        PutBack(scratch, scan);
        AddSeen(run, source, scan, count < wanted ? float.Epsilon : scratch.TopScores[count - 1]);
        best = Math.Max(best, count > 0 ? scratch.TopScores[0] : 0);
        run.AffinityScale = best > 0 ? best : 1;
        for (int i = 0; i < count; i++)
        {
            run.AddIndex(scratch.TopIndices[i], source);
        }

        return true;
    }

    /// <summary>Selects the items with the highest scores that are not on an earlier page and pass the filters.</summary>
    /// <param name="run">The slate.</param>
    /// <param name="scan">Scores of all items of the model.</param>
    /// <param name="wanted">Largest number of items.</param>
    /// <param name="best">Raised to the highest score, also of items that are not selected.</param>
    /// <returns>The number of selected items.</returns>
    private static int SelectShowable(SlateRun run, ReadOnlySpan<float> scan, int wanted, ref float best)
    {
        TopKHeap heap = new(run.Scratch.TopScores.AsSpan(0, wanted), run.Scratch.TopIndices.AsSpan(0, wanted), float.Epsilon);
        for (int index = 0; index < scan.Length; index++)
        {
            float score = scan[index];
            best = Math.Max(best, score);
            if (score > heap.Threshold && !IsKeptOut(run, run.Model!, index))
            {
                heap.Offer(score, index);
            }
        }

        return heap.SortDescending();
    }

    /// <summary>
    /// Sets the scores of blocked and seen items to −∞, so that they do not take the places of other candidates; <see cref="PutBack"/> restores them.
    /// </summary>
    /// <returns>The highest score of these items, except of those that are blocked as <see cref="FilterReason.Touched"/> or <see cref="FilterReason.Disliked"/>; 0 if none is positive.</returns>
    private static float LeaveOut(SlateScratch scratch, Span<float> scan)
    {
        ReadOnlySpan<ulong> blocked = scratch.Blocked.Keys;
        ReadOnlySpan<ulong> seen = scratch.SeenPlaces.Keys;
        scratch.RequireLeftOut(blocked.Length + seen.Length);
        float best = 0;
        int count = 0;
        foreach (ulong key in blocked)
        {
            if (key < (ulong)scan.Length)
            {
                scratch.Blocked.TryGet(key, out int reason);
                best = (FilterReason)reason is FilterReason.Touched or FilterReason.Disliked ? best : Math.Max(best, scan[(int)key]);
                Remove((int)key, scan);
            }
        }

        foreach (ulong key in seen)
        {
            if (key < (ulong)scan.Length)
            {
                best = Math.Max(best, scan[(int)key]);
                Remove((int)key, scan);
            }
        }

        scratch.LeftOutCount = count;
        return best;

        void Remove(int index, Span<float> scores)
        {
            scratch.LeftOut[count++] = (index, scores[index]);
            scores[index] = float.NegativeInfinity;
        }
    }

    // In reverse order: an item that is both blocked and seen was noted twice, first with its score and then with −∞.
    private static void PutBack(SlateScratch scratch, Span<float> scan)
    {
        for (int at = scratch.LeftOutCount - 1; at >= 0; at--)
        {
            (int index, float score) = scratch.LeftOut[at];
            scan[index] = score;
        }
    }

    private static void AddSeen(SlateRun run, int source, ReadOnlySpan<float> scan, float threshold)
    {
        foreach (ref readonly SeenItem seen in run.Scratch.Seen.AsSpan(0, run.Scratch.SeenPlaces.Count))
        {
            if (seen.Index >= 0 && scan[seen.Index] > threshold && !run.Scratch.Blocked.TryGet((ulong)seen.Index, out _)
                && !IsKeptOut(run, run.Model!, seen.Index))
            {
                run.AddIndex(seen.Index, source);
            }
        }
    }

    private static bool IsKeptOut(SlateRun run, ModelSnapshot model, int index)
    {
        if (run.Cursor is null && !run.ScanAsksCatalogue)
        {
            return false;
        }

        ItemId id = model.ItemAt(index);
        return (run.Cursor is { } cursor && cursor.Shown.BinarySearch(ItemHash.HighBits(ItemHash.Of(id))) >= 0)
            || (run.ScanAsksCatalogue && CatalogueFilter.ReasonOf(run, id, index, out CatalogueItem? _) != FilterReason.None);
    }
}
