using RecSys.Core;
using RecSys.Serving.Pipeline;

namespace RecSys.Serving.Sources;

/// <summary>Returns the candidates of a slate that contains only given items: the request's candidates, or the seen items of <c>lookAgain</c>.</summary>
/// <remarks>It is not an <see cref="ICandidateSource"/>: it is never late, and candidates that only other sources return are withdrawn.</remarks>
internal static class GivenSource
{
    public const string OfRequest = "request";
    public const string OfHistory = "history";

    /// <summary>The bit of the request's candidates, after those of the other sources.</summary>
    public const int RequestBit = 8;

    /// <summary>The bit of the seen items.</summary>
    public const int HistoryBit = 9;

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
