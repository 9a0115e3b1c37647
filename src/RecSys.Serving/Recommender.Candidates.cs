using RecSys.Core;
using RecSys.Core.Ports;
using RecSys.Core.Ranking;
using RecSys.Core.Slates;
using RecSys.Serving.Pipeline;

namespace RecSys.Serving;

internal sealed partial class Recommender
{
    /// <summary>Returns those candidates of a request that the user has not seen, with one row of <see cref="Feature.Count"/> features for each.</summary>
    /// <exception cref="ArgumentException">The request is not valid.</exception>
    public async ValueTask<CandidateFeatures> CandidatesAsync(SlateRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        Require(request.Problem(), nameof(request));
        RequestClock clock = new(_time, _options.Deadline);
        UserReading reading = await ReadAsync(request.User, request.After, clock, cancellationToken).ConfigureAwait(false);
        return CandidatesOf(request, reading, clock);
    }

    /// <summary>Returns the items of a request's slate for each of several sets of weights, in the order of the sets. Candidates and features are computed again only where a set needs other sources than the one before it.</summary>
    /// <exception cref="ArgumentException">The request is not valid.</exception>
    public async ValueTask<RankedItems[]> ItemsAsync(SlateRequest request, IReadOnlyList<RankingWeights> weights, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        Require(request.Problem(), nameof(request));
        RequestClock clock = new(_time, _options.Deadline);
        UserReading reading = await ReadAsync(request.User, request.After, clock, cancellationToken).ConfigureAwait(false);
        return ItemsOf(request, weights, reading, clock);
    }

    private CandidateFeatures CandidatesOf(SlateRequest request, in UserReading reading, RequestClock clock)
    {
        using ModelLease? lease = _models.TryLease();
        using SlateRun run = NewRun(request, reading, clock, lease, onPage: [], needsAllFeatures: true);
        _pipeline.Prepare(run, weights: null, out _);
        SlateScratch scratch = run.Scratch;
        List<ItemId> items = new(scratch.CandidateCount);
        float[] rows = new float[scratch.CandidateCount * Feature.Count];
        for (int slot = 0; slot < scratch.CandidateCount; slot++)
        {
            if (scratch.Candidates[slot].Seen == 0)
            {
                scratch.Features.AsSpan(slot * Feature.Count, Feature.Count).CopyTo(rows.AsSpan(items.Count * Feature.Count));
                items.Add(scratch.Candidates[slot].Id);
            }
        }

        return new CandidateFeatures(items, rows.AsMemory(0, items.Count * Feature.Count), run.NewShare);
    }

    private RankedItems[] ItemsOf(SlateRequest request, IReadOnlyList<RankingWeights> weights, in UserReading reading, RequestClock clock)
    {
        using ModelLease? lease = _models.TryLease();
        RankedItems[] items = new RankedItems[weights.Count];
        SlateRun? run = null;
        try
        {
            for (int i = 0; i < items.Length; i++)
            {
                // The source of what users bought next runs only for a user with a purchase, and if the weights read it.
                if (run is null || (run.HasPurchases && run.ReadsBoughtNext != _rankers.Reads(run, weights[i], Feature.BoughtNext)))
                {
                    run?.Dispose();
                    run = NewRun(request, reading, clock, lease, onPage: []);
                    _pipeline.Prepare(run, weights[i], out _);
                }

                _pipeline.RankAndSelect(run, weights[i]);
                SlateScratch scratch = run.Scratch;
                int[] selected = scratch.Selected[..run.SelectedCount];
                items[i] = new RankedItems(
                    Array.ConvertAll(selected, slot => scratch.Candidates[slot].Id), Array.ConvertAll(selected, slot => (double)scratch.Scores[slot]), run.FoldCount);
            }
        }
        finally
        {
            run?.Dispose();
        }

        return items;
    }
}
