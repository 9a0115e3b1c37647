using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Core.Slates;
using RecSys.Core.Users;
using RecSys.Serving.Pipeline;
using RecSys.Serving.Ranking;

namespace RecSys.Serving;

internal sealed partial class Recommender
{
    /// <summary>The names of the parts of a score in the impression log: one per feature, one for an item seen before, one for hidden items of the category, and the ranker's constant.</summary>
    private static readonly ImmutableArray<string> PartNames = [.. Feature.Names, SeenPart, HiddenPart, ConstantPart];

    public ValueTask<Explanation?> ExplainShownAsync(SlateRequest request, ItemId item, string recommendationId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(recommendationId);
        Require(request.Problem(), nameof(request));
        return request.User is null
            ? throw new ArgumentException("slates are recorded for users only, and the request has no user", nameof(request))
            : ExplainRecordedAsync(request, item, recommendationId, cancellationToken);
    }

    private async ValueTask<Explanation?> ExplainRecordedAsync(SlateRequest request, ItemId item, string recommendationId, CancellationToken cancellationToken)
    {
        SlateImpression? slate = _impressions is null
            ? null
            : await _impressions.FindAsync(_hash.Of(request.User!.Value), recommendationId, cancellationToken).ConfigureAwait(false);
        int position = 0;
        while (position < slate?.Items.Count && slate.Items[position].Item != item)
        {
            position++;
        }

        if (slate is null || position == slate.Items.Count)
        {
            return null;
        }

        RequestClock clock = new(_time, _options.Deadline);
        UserReading reading = await ReadAsync(request.User, request.After, clock, cancellationToken).ConfigureAwait(false);
        Explanation now = ExplainNow(request, item, reading, clock);
        return AsRecorded(slate, position, now) with { Since = Since(slate, item, reading.Profile ?? UserProfile.Empty, now) };
    }

    private Explanation AsRecorded(SlateImpression slate, int position, Explanation now)
    {
        ImpressionItem shown = slate.Items[position];
        _catalogue.Current.TryGet(shown.Item, out CatalogueItem? entry);
        ImmutableArray<ScorePart>.Builder parts = ImmutableArray.CreateBuilder<ScorePart>(slate.PartNames.Length);
        for (int part = 0; part < slate.PartNames.Length; part++)
        {
            if (Feature.Names.Contains(slate.PartNames[part]) || shown.Parts[part] != 0)
            {
                parts.Add(new ScorePart(slate.PartNames[part], shown.Parts[part], TextOf(slate.PartNames[part])));
            }
        }

        string chance = shown.Propensity < 1 ? string.Create(CultureInfo.InvariantCulture, $", with a probability of {shown.Propensity:0.###}") : string.Empty;
        return new Explanation
        {
            Item = shown.Item,
            Title = entry?.Content.Title,
            Outcome = ExplanationOutcome.Shown,
            ModelVersion = slate.ModelVersion,
            Position = position,
            Reason = shown.Reason,
            Score = shown.Score,
            Parts = parts.ToImmutable(),
            Stages = [new StageOutcome(SlatePipeline.SelectionStage, "passed", $"shown at place {position + 1} of {slate.Items.Count}{chance}")],
            RecommendationId = slate.RecommendationId,
            ShownAtMs = slate.TimestampMs,
            Now = now,
        };
    }

    private static string TextOf(string part) => part switch
    {
        SeenPart => "seen before",
        HiddenPart => "hidden items of the category",
        ConstantPart => ConstantText,
        _ => Feature.Names.IndexOf(part) is >= 0 and int feature ? Feature.Texts[feature] : part,
    };

    /// <summary>Describes the item's place now, and what changed it: "since you looked at it, it would be 12th".</summary>
    private string Since(SlateImpression slate, ItemId item, UserProfile profile, Explanation now)
    {
        string? newestType = null;
        int others = 0;
        foreach (ProfileInteraction interaction in profile.History)
        {
            if (interaction.TimestampMs < slate.TimestampMs)
            {
                continue;
            }

            if (interaction.Item == item)
            {
                newestType ??= interaction.Type;
            }
            else
            {
                others++;
            }
        }

        string cause = newestType is not null ? $"since you {_words.WithPronoun(newestType, "it")}"
            : others > 0 ? $"after {others} {(others == 1 ? "interaction" : "interactions")} with other items"
            : now.ModelVersion != slate.ModelVersion ? "with the model served since then"
            : "with nothing new in the history";
        return newestType is not null && now.Outcome == ExplanationOutcome.Filtered && (now.Reason == FilterReason.Touched.Text() || now.Reason == FilterReason.Disliked.Text())
            ? $"{cause}, it is not shown again"
            : $"{cause}, {Standing(now)}";
    }

    private static string Standing(Explanation now) => now.Outcome switch
    {
        ExplanationOutcome.Shown => $"it is {Ordinal(now.Position!.Value + 1)}",
        ExplanationOutcome.Filtered => $"it is not in the slate: {now.Reason}",
        ExplanationOutcome.Outranked when now.Stage == SlatePipeline.SelectionStage =>
            $"it would be {Ordinal(now.Position!.Value + 1)} by its score, but is not in the slate: {now.Reason}",
        ExplanationOutcome.Outranked => $"it would be {Ordinal(now.Position!.Value + 1)}",
        ExplanationOutcome.NotACandidate => "no source returned it",
        _ => "it is unknown",
    };

    private static string Ordinal(int number) => (number % 100, number % 10) switch
    {
        (11 or 12 or 13, _) => $"{number}th",
        (_, 1) => $"{number}st",
        (_, 2) => $"{number}nd",
        (_, 3) => $"{number}rd",
        _ => $"{number}th",
    };

    /// <summary>Computes the parts of a shown item's score, in the order of <see cref="PartNames"/>.</summary>
    private static ImmutableArray<float> PartsOf(SlateRun run, int slot)
    {
        float[] parts = new float[Feature.Count + 3];
        ReadOnlySpan<float> row = run.Scratch.Features.AsSpan(slot * Feature.Count, Feature.Count);
        if (run.IsRankedByBlend)
        {
            for (int feature = 0; feature < Feature.Count; feature++)
            {
                parts[feature] = run.ReasonWeights[feature] * row[feature];
            }
        }
        else
        {
            double[] exact = ScoreParts.Of(run.Ranker!, row);
            for (int feature = 0; feature < Feature.Count; feature++)
            {
                parts[feature] = (float)exact[feature];
            }

            parts[^1] = (float)exact[Feature.Count];
        }

        parts[Feature.Count] = run.SeenPartOf(slot);
        parts[Feature.Count + 1] = run.HiddenPartOf(slot);
        return ImmutableCollectionsMarshal.AsImmutableArray(parts);
    }

    private static string CutReason(string reason) =>
        reason.Length <= ImpressionItem.ReasonLengthMax ? reason
        : reason[..(char.IsHighSurrogate(reason[ImpressionItem.ReasonLengthMax - 1]) ? ImpressionItem.ReasonLengthMax - 1 : ImpressionItem.ReasonLengthMax)];
}
