using System.Collections.Immutable;
using System.Globalization;
using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Core.Ports;
using RecSys.Core.Slates;
using RecSys.Serving.Explaining;
using RecSys.Serving.Pipeline;
using RecSys.Serving.Ranking;

namespace RecSys.Serving;

internal sealed partial class Recommender
{
    private const string SeenPart = "seen";
    private const string HiddenPart = "hidden";
    private const string ConstantPart = "constant";
    private const string ConstantText = "the part that the ranker adds for every item";

    /// <summary>The largest number of interactions in an explanation.</summary>
    private const int CausesMax = 20;

    /// <summary>The largest number of items with a higher score that an explanation names.</summary>
    private const int AheadMax = 3;

    public ValueTask<Explanation> ExplainAsync(SlateRequest request, ItemId item, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        Require(request.Problem(), nameof(request));
        return ExplainNowAsync(request, item, cancellationToken);
    }

    private async ValueTask<Explanation> ExplainNowAsync(SlateRequest request, ItemId item, CancellationToken cancellationToken)
    {
        await _warmUp.WaitAsync(cancellationToken).ConfigureAwait(false);
        RequestClock clock = new(_time, _options.Deadline);
        UserReading reading = await ReadAsync(request.User, request.After, clock, cancellationToken).ConfigureAwait(false);
        return ExplainNow(request, item, reading, clock);
    }

    private Explanation ExplainNow(SlateRequest request, ItemId item, in UserReading reading, RequestClock clock)
    {
        using ModelLease? lease = _models.TryLease();
        using SlateRun run = NewRun(request, reading, clock, lease, onPage: [], item);
        _pipeline.Run(run);
        run.Scratch.TryGetSlot(run.KeyOf(item, out _), out int slot);
        Candidate target = run.Scratch.Candidates[slot];
        return IsUnknown(run, target) ? ExplanationOfUnknown(run, item) : ExplanationOf(run, target, slot);
    }

    private static bool IsUnknown(SlateRun run, in Candidate target) =>
        target is { Index: < 0, Entry: null } && run.TargetSources == 0 && run.TargetReason == FilterReason.None;

    private static Explanation ExplanationOfUnknown(SlateRun run, ItemId item) => new()
    {
        Item = item,
        Outcome = ExplanationOutcome.UnknownItem,
        ModelVersion = run.Model?.Card.Version.Value,
        Stage = SlatePipeline.CandidatesStage,
        Reason = "the item is unknown: it is neither in the catalogue nor in the model nor in the trends",
        Stages = [new(SlatePipeline.CandidatesStage, "removed", "the item is unknown")],
    };

    private Explanation ExplanationOf(SlateRun run, in Candidate target, int slot)
    {
        SlateScratch scratch = run.Scratch;
        int shownAt = scratch.Selected.AsSpan(0, run.SelectedCount).IndexOf(slot);
        ExplanationOutcome outcome = shownAt >= 0 ? ExplanationOutcome.Shown
            : run.TargetReason != FilterReason.None ? ExplanationOutcome.Filtered
            : run.TargetSources == 0 ? ExplanationOutcome.NotACandidate
            : ExplanationOutcome.Outranked;

        double[] parts = ScoreParts.Of(run.Ranker!, scratch.Features.AsSpan(slot * Feature.Count, Feature.Count));
        double score = 0;
        ImmutableArray<ScorePart>.Builder named = ImmutableArray.CreateBuilder<ScorePart>(parts.Length);
        for (int part = 0; part < parts.Length; part++)
        {
            score += parts[part];
            if (part < Feature.Count)
            {
                named.Add(new ScorePart(Feature.Names[part], parts[part], Feature.Texts[part]));
            }
            else if (parts[part] != 0)
            {
                named.Add(new ScorePart(ConstantPart, parts[part], ConstantText));
            }
        }

        if (run.SeenPartOf(slot) is not 0 and float seen)
        {
            score += seen;
            string text = Reasons.Seen(scratch.Seen[target.Seen - 1], run.NowMs, _words);
            named.Add(new ScorePart(SeenPart, seen, $"{char.ToLowerInvariant(text[0])}{text.AsSpan(1)}"));
        }

        if (run.HiddenPartOf(slot) is not 0 and float hidden)
        {
            score += hidden;
            named.Add(new ScorePart(HiddenPart, hidden, Reasons.Hidden(run, slot)));
        }

        int rank = RankOf(run, slot, out int candidates);
        ImmutableArray<StageOutcome> stages = StagesOf(run, slot, outcome, score, rank, candidates, shownAt);
        (ImmutableArray<ScoreCause> because, double recent) = CausesOf(run, target, parts);
        StageOutcome? removed = shownAt >= 0 ? null : stages.First(stage => stage.Outcome == "removed");
        double all = parts.Sum(Math.Abs);
        return new Explanation
        {
            Item = target.Id,
            Title = target.Entry?.Content.Title,
            Outcome = outcome,
            ModelVersion = run.Model?.Card.Version.Value,
            Position = shownAt >= 0 ? shownAt : rank,
            Stage = removed?.Stage,
            Reason = shownAt >= 0 ? Reasons.Of(run, slot, _options, _words) : removed!.Value.Detail,
            Score = score,
            Parts = named.ToImmutable(),
            Because = because,
            ModelShare = all == 0 ? 0 : 1 - (recent / all),
            RecentShare = all == 0 ? 0 : recent / all,
            Stages = stages,
        };
    }

    /// <summary>Returns the 0-based rank of a candidate by score among those that may be shown, and the number of the others. Among equal scores the candidate with the lower slot is first.</summary>
    private static int RankOf(SlateRun run, int slot, out int candidates)
    {
        SlateScratch scratch = run.Scratch;
        int rank = 0;
        candidates = 0;
        for (int other = 0; other < scratch.CandidateCount; other++)
        {
            if (other != slot && run.MayBeChosen(other))
            {
                candidates++;
                float score = scratch.Scores[other];
                rank += score > scratch.Scores[slot] || (score == scratch.Scores[slot] && other < slot) ? 1 : 0;
            }
        }

        return rank;
    }

    private ImmutableArray<StageOutcome> StagesOf(
        SlateRun run, int slot, ExplanationOutcome outcome, double score, int rank, int candidates, int shownAt)
    {
        bool isFiltered = outcome == ExplanationOutcome.Filtered;
        StageOutcome returned = run.TargetSources != 0
            ? new(SlatePipeline.CandidatesStage, "passed", $"returned by {string.Join(", ", _sources.NamesOf(run.TargetSources))}")
            : isFiltered
                ? new(SlatePipeline.CandidatesStage, "passed", "not returned by a source, since sources skip items that the filters would remove")
                : new(SlatePipeline.CandidatesStage, "removed", NotReturned(run));
        StageOutcome filtered = isFiltered
            ? new(SlatePipeline.FiltersStage, "removed", run.TargetReason.Text())
            : outcome == ExplanationOutcome.NotACandidate
                ? new(SlatePipeline.FiltersStage, "notReached", "no filter would remove it")
                : new(SlatePipeline.FiltersStage, "passed", "no filter removed it");
        bool isRanked = outcome is ExplanationOutcome.Shown or ExplanationOutcome.Outranked;
        string standing = string.Create(
            CultureInfo.InvariantCulture, $"its score of {score:0.000} {(isRanked ? "ranks" : "would rank")} {rank + 1} of {candidates + 1} by {run.Ranker!.Name}");
        bool isBehind = outcome == ExplanationOutcome.Outranked && rank >= run.SelectedCount;
        StageOutcome ranked = new(
            SlatePipeline.RankingStage,
            isBehind ? "removed" : isRanked ? "passed" : "notReached",
            isBehind ? $"{standing}, behind {Ahead(run)}, and the slate has {run.SelectedCount} items" : isRanked ? standing : $"{standing} if it had reached this stage");
        bool isSeenAlready = run.IsDemoted(slot) && rank < run.SelectedCount;
        StageOutcome selected = shownAt >= 0
            ? new(SlatePipeline.SelectionStage, "passed", string.Create(CultureInfo.InvariantCulture, $"shown at place {shownAt + 1}"))
            : outcome == ExplanationOutcome.Outranked && !isBehind
                ? new(SlatePipeline.SelectionStage, "removed", isSeenAlready ? SeenAlready(run) : "items with lower scores fit the categories of the user's history better, make the slate more varied or were drawn for exploration")
                : new(SlatePipeline.SelectionStage, "notReached", "it did not reach this stage");
        return [returned, filtered, ranked, selected];
    }

    private static string SeenAlready(SlateRun run) => run.SeenMax == 0
        ? $"the user has seen it, and a slate of {run.Request.Count} has no place for items seen before"
        : $"the user has seen it, and at most {run.SeenMax} of {run.Request.Count} places go to items seen before";

    private static string NotReturned(SlateRun run)
    {
        if (run.IsGiven)
        {
            return run.Request.IsLookAgain ? "the history does not contain it" : "the request does not contain it";
        }

        IEnumerable<string> asked = run.Sources.Where(source => source.LeftOut is null).Select(source => source.Source);
        IEnumerable<string> leftOut = run.Sources.Where(source => source.LeftOut is not null).Select(source => $"{source.Source} ({source.LeftOut})");
        string text = asked.Any() ? $"none of {string.Join(", ", asked)} returned it" : "no source could be asked";
        return leftOut.Any() ? $"{text}; left out: {string.Join(", ", leftOut)}" : text;
    }

    private static string Ahead(SlateRun run) =>
        string.Join(", ", Enumerable.Range(0, Math.Min(AheadMax, run.SelectedCount))
            .Select(position => Reasons.Quoted(run.Catalogue, run.Scratch.Candidates[run.Scratch.Selected[position]].Id)))
        + (run.SelectedCount > AheadMax ? $" and {run.SelectedCount - AheadMax} more" : string.Empty);

    /// <summary>Returns the interactions that contribute to the parts of a score, grouped by item, and the sum of the amounts of the parts that come from data newer than the model.</summary>
    private static (ImmutableArray<ScoreCause> Because, double Recent) CausesOf(SlateRun run, in Candidate target, double[] parts)
    {
        Dictionary<ulong, double> byItem = [];
        if (run.IsScanned && target.Index >= 0)
        {
            ReadOnlySpan<int> items = run.Scratch.FoldItems.AsSpan(0, run.FoldCount);
            double[] contributions = Causes.OfAffinity(run.Model!, items, run.Scratch.FoldWeights.AsSpan(0, run.FoldCount), target.Index);
            double sum = contributions.Sum();
            for (int i = 0; i < contributions.Length; i++)
            {
                Add((ulong)items[i], parts[Feature.Affinity] + parts[Feature.AffinityRoot], contributions[i], sum);
            }
        }

        AddRecents(run, target, parts[Feature.Session], static (run, recent, target) => Causes.OfSession(run, recent, target.Index));
        AddRecents(run, target, parts[Feature.CoVisit], static (run, recent, target) => Causes.OfCoVisit(run, recent, target.Id));
        AddRecents(run, target, parts[Feature.BoughtNext], static (run, recent, target) => Causes.OfBoughtNext(run, recent, target.Id));
        AddRecents(run, target, parts[Feature.Content], static (run, recent, target) => Causes.OfContent(run, recent, target));
        AddNewest(run, target, parts[Feature.Newest]);

        double recentSum = Math.Abs(parts[Feature.Trend]);
        List<ScoreCause> causes = [];
        foreach ((ulong key, double contribution) in byItem)
        {
            int at = NewestOf(run, key);
            ref readonly HistoryItem item = ref run.Scratch.History[at];
            recentSum += item.IsNewerThanModel ? Math.Abs(contribution) : 0;
            run.Catalogue.TryGet(item.Item, out CatalogueItem? entry);
            causes.Add(new ScoreCause(
                item.Item, entry?.Content.Title, item.Type, item.TimestampMs, contribution, item.IsNewerThanModel));
        }

        double all = parts.Sum(Math.Abs);
        return (
            [.. causes.OrderByDescending(cause => Math.Abs(cause.Contribution)).ThenBy(cause => cause.Item.Value, StringComparer.Ordinal).Take(CausesMax)],
            run.Model is null ? all : Math.Min(all, recentSum));

        void Add(ulong key, double part, double contribution, double sum)
        {
            if (part != 0 && contribution != 0 && sum != 0)
            {
                byItem[key] = byItem.GetValueOrDefault(key) + (part * contribution / sum);
            }
        }

        void AddNewest(SlateRun run, in Candidate target, double part)
        {
            NewestMatch match = run.Scratch.NewestMatch;
            float sum = match.Count > 0 ? match.Of(run.Model!, target.Index) : 0;
            for (int number = 0; number < match.Count; number++)
            {
                Add(run.Scratch.History[match.PlaceOf(number)].Key, part, match.PartOf(run.Model!, number, target.Index), sum);
            }
        }

        void AddRecents(SlateRun run, Candidate target, double part, Func<SlateRun, int, Candidate, float> of)
        {
            double sum = 0;
            for (int recent = 0; recent < run.RecentCount; recent++)
            {
                sum += of(run, recent, target);
            }

            for (int recent = 0; recent < run.RecentCount; recent++)
            {
                Add(run.Scratch.History[run.Scratch.Recents[recent].At].Key, part, of(run, recent, target), sum);
            }
        }
    }

    /// <summary>Returns the index in the history of the newest interaction with an item that has a weight above 0.</summary>
    private static int NewestOf(SlateRun run, ulong key)
    {
        int at = 0;
        while (run.Scratch.History[at].Key != key || !(run.Scratch.History[at].Weight > 0))
        {
            at++;
        }

        return at;
    }
}
