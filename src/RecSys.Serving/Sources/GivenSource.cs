using RecSys.Core;
using RecSys.Serving.Pipeline;

namespace RecSys.Serving.Sources;

/// <summary>The items of a slate that contains only given ones: the request's candidates, or the seen items of <c>lookAgain</c>.</summary>
/// <remarks>It is not an <see cref="ICandidateSource"/>: it is never late, and all candidates that it does not return are withdrawn.</remarks>
internal static class GivenSource
{
    public const string OfRequest = "request";
    public const string OfHistory = "history";

    /// <summary>The bits after those of the other sources.</summary>
    public const int RequestBit = 7;
    public const int HistoryBit = 8;

    public static int BitOf(SlateRun run) => run.Request.Candidates is not null ? RequestBit : HistoryBit;

    public static string NameOf(SlateRun run) => run.Request.Candidates is not null ? OfRequest : OfHistory;

    public static void Collect(SlateRun run)
    {
        if (run.Request.Candidates is { } candidates)
        {
            // Items that may be unknown are added last: among equal scores the first one added is first.
            Add(run, candidates.AsSpan(), areKnown: true);
            Add(run, candidates.AsSpan(), areKnown: false);
            return;
        }

        foreach (ref readonly SeenItem seen in run.Scratch.Seen.AsSpan(0, run.Scratch.SeenPlaces.Count))
        {
            if (!run.Scratch.Blocked.TryGet(seen.Key, out _))
            {
                run.Scratch.Add(seen.Key, seen.Index, seen.Item, HistoryBit);
            }
        }
    }

    private static void Add(SlateRun run, ReadOnlySpan<ItemId> candidates, bool areKnown)
    {
        foreach (ItemId item in candidates)
        {
            ulong key = run.KeyOf(item, out int index);
            if ((index >= 0 || run.Catalogue.TryGet(item, out _)) == areKnown)
            {
                run.Scratch.Add(key, index, item, RequestBit);
            }
        }
    }
}
