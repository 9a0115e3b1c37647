using System.Collections.Immutable;
using RecSys.Core.Ports;
using RecSys.Core.Slates;
using RecSys.Serving.Pipeline;

namespace RecSys.Serving.Sources;

/// <summary>Runs the candidate sources, most valuable first. If time runs out, the remaining ones are left out.</summary>
internal sealed class CandidateSources
{
    private readonly ICandidateSource[] _sources;
    private readonly ServingOptions _options;
    private readonly ImmutableArray<string>[] _namesByBits;

    public CandidateSources(ITrends trends, SharedLists lists, ModelPopularities popularities, ServingOptions options)
    {
        _options = options;
        _sources =
        [
            new EmbeddingSource(options),
            new SimilarSource(),
            new CoVisitSource(trends),
            new ContentSource(lists, options),
            new BoughtNextSource(trends),
            new TrendingSource(lists, options),
            new LatestSource(lists, options),
            new PopularSource(lists, popularities, options),
        ];
        string[] names = [.. _sources.Select(source => source.Name), GivenSource.OfRequest, GivenSource.OfHistory];
        _namesByBits = new ImmutableArray<string>[1 << names.Length];
        for (int bits = 0; bits < _namesByBits.Length; bits++)
        {
            _namesByBits[bits] = [.. names.Where((_, source) => (bits & (1 << source)) != 0)];
        }
    }

    /// <summary>The source bits of a candidate that only the request contains.</summary>
    public const uint RequestOnly = 1u << GivenSource.RequestBit;

    public const int EmbeddingBit = 0;

    /// <summary>The source bits for items similar to an item: similar, coVisit and content.</summary>
    public const uint OfSimilarItems = 0b1110;

    /// <summary>The source bits for items similar to an item without neighbours in the model: embedding, similar, coVisit and content.</summary>
    public const uint OfSimilarItemsByEmbedding = 0b1111;

    public ImmutableArray<string> NamesOf(uint bits) => _namesByBits[bits];

    /// <summary>Runs the selected sources while there is time.</summary>
    /// <returns>Whether any source could answer.</returns>
    public bool Collect(SlateRun run)
    {
        bool anyAnswered = run.IsGiven;
        if (run.IsGiven)
        {
            GivenSource.Collect(run);
        }

        for (int source = 0; source < _sources.Length; source++)
        {
            ICandidateSource candidates = _sources[source];
            if ((run.AllowedSources & (1u << source)) == 0 || !candidates.IsWanted(run))
            {
                continue;
            }

            string? leftOut = run.Clock.IsPast(_options.SourcesEndShare) ? "late" : Run(candidates, run, source);
            if (leftOut is null)
            {
                anyAnswered = true;
                run.Sources.Add(new SourceReport(candidates.Name, Count(run.Scratch, source), null));
            }
            else
            {
                run.Scratch.Withdraw(source, candidates.Feature);
                run.Sources.Add(new SourceReport(candidates.Name, 0, leftOut));
                run.Degrade($"source {candidates.Name} {leftOut}");
            }
        }

        if (run.IsGiven)
        {
            KeepOnlyGiven(run);
        }

        return anyAnswered;
    }

    private void KeepOnlyGiven(SlateRun run)
    {
        int given = GivenSource.BitOf(run);
        run.Scratch.KeepOnly(given);
        for (int report = 0; report < run.Sources.Count; report++)
        {
            int source = Array.FindIndex(_sources, candidates => candidates.Name == run.Sources[report].Source);
            run.Sources[report] = run.Sources[report] with { Count = Count(run.Scratch, source) };
        }

        run.Sources.Insert(0, new SourceReport(GivenSource.NameOf(run), Count(run.Scratch, given), null));
    }

    /// <summary>Repeats the scan of the embedding source with <see cref="SlateRun.ScanAsksCatalogue"/>. The scores are not computed again.</summary>
    public void Rescan(SlateRun run)
    {
        int before = run.Sources.FindIndex(report => report.Source == _sources[EmbeddingBit].Name);
        _sources[EmbeddingBit].TryCollect(run, EmbeddingBit, limit: 1);
        run.Sources[before] = run.Sources[before] with { Count = Count(run.Scratch, EmbeddingBit) };
    }

    /// <returns>Null if the source answered; otherwise the reason why it is left out.</returns>
    private string? Run(ICandidateSource candidates, SlateRun run, int source)
    {
        double limit = run.Clock.ShareUsed + _options.SourceShare;
        try
        {
            return candidates.TryCollect(run, source, limit) && !run.Clock.IsPast(_options.SourcesEndShare) ? null : "late";
        }
        catch (Exception failure) when (failure is StoreUnavailableException or OverloadedException or TimeoutException)
        {
            return "failed";
        }
    }

    private static int Count(SlateScratch scratch, int source)
    {
        int count = 0;
        foreach (ref readonly Candidate candidate in scratch.Candidates.AsSpan(0, scratch.CandidateCount))
        {
            count += (int)((candidate.Sources >> source) & 1);
        }

        return count;
    }
}
