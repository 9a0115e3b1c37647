using RecSys.Core;
using RecSys.Core.Models;
using RecSys.Core.Slates;
using RecSys.Core.Users;

namespace RecSys.Serving.Pipeline;

/// <summary>Reads profile and request once: the history, the input of the model, the recent items, and the items that the slate must not show.</summary>
internal static class HistoryReader
{
    /// <summary>The interaction type of the items that the request lists.</summary>
    public const string SessionType = "view";

    public static void Read(SlateRun run, InteractionTypes types, ServingOptions options)
    {
        SlateScratch scratch = run.Scratch;
        foreach (ItemId item in run.Request.Exclude)
        {
            run.Block(run.KeyOf(item, out _), FilterReason.Excluded);
        }

        int count = 0;
        int foldCount = 0;
        for (int i = run.Request.Items.Length - 1; i >= 0; i--)
        {
            ItemId item = run.Request.Items[i];
            ulong key = run.KeyOf(item, out int index);
            if (i == run.Request.Items.Length - 1 && run.Request.Seen != SeenRule.Allow)
            {
                run.Block(key, FilterReason.InSession);
            }

            SeenRule rule = RuleOf(SessionType);
            if ((run.Request.Seen ?? rule) == SeenRule.Exclude)
            {
                run.Block(key, rule == SeenRule.Exclude ? FilterReason.Touched : FilterReason.Seen);
            }
            else
            {
                Note(key, index, item, run.NowMs, SessionType, rule);
            }

            Take(key, index, item, run.NowMs, SessionType, (float)options.SessionItemWeight, isNewer: true);
        }

        ModelSnapshot? model = run.Model;
        foreach (ProfileInteraction interaction in run.Profile.History)
        {
            int index = -1;
            bool isInModel = model is not null && model.TryGetIndex(interaction.ItemUtf8, out index);
            ItemId item = isInModel ? model!.ItemAt(index) : interaction.Item;
            ulong key = isInModel ? (ulong)index : SlateRun.KeyOfUnknown(item);
            string type = interaction.Type;
            float weight = types.WeightOf(type, interaction.Value);
            SeenRule rule = RuleOf(type);
            if (weight < 0)
            {
                run.Block(key, FilterReason.Disliked);
            }
            else if ((run.Request.Seen ?? rule) == SeenRule.Exclude)
            {
                run.Block(key, rule == SeenRule.Exclude ? FilterReason.Touched : FilterReason.Seen);
            }
            else if (run.IsPersonal)
            {
                Note(key, index, item, interaction.TimestampMs, type, rule);
            }

            bool isNewer = model is null || !model.Card.Watermark.Covers(interaction.Position);
            run.NewerThanModelCount += isNewer ? 1 : 0;
            if (run.IsPersonal && !run.IsHistoryBlockingOnly)
            {
                Take(key, index, item, interaction.TimestampMs, type, weight, isNewer);
            }
        }

        run.HistoryCount = count;
        run.FoldCount = HistoryWeights.Combine(scratch.FoldItems.AsSpan(0, foldCount), scratch.FoldWeights.AsSpan(0, foldCount));
        run.IsEmbedded = HasScore(run);
        ReadRecents(run, options);
        if (run.HistoryCount == 0 && run.IsPersonal)
        {
            run.Interests = LabelInterests.Read(run.Profile.Labels, run.Catalogue);
        }

        // A type that is no longer configured has no effect.
        SeenRule RuleOf(string type) =>
            !types.TryGet(type, out InteractionType? kind) ? SeenRule.Allow : kind.ComesBack ? SeenRule.Demote : SeenRule.Exclude;

        void Note(ulong key, int index, ItemId item, long timestampMs, string type, SeenRule rule)
        {
            int place = scratch.SeenPlaces.Count;
            if (scratch.SeenPlaces.TryAdd(key, ref place))
            {
                scratch.Seen[place] = new SeenItem { Item = item, Key = key, Index = index, Type = type, LastMs = timestampMs };
            }

            ref SeenItem seen = ref scratch.Seen[place];
            if (timestampMs > seen.LastMs)
            {
                (seen.Type, seen.LastMs) = (type, timestampMs);
            }

            if ((run.Request.Seen ?? rule) == SeenRule.Demote && !run.IsHistoryBlockingOnly)
            {
                seen.Weight += (float)Half(Math.Max(0, run.NowMs - timestampMs), options.SeenHalfLife);
                seen.IsDemoted = true;
            }
        }

        void Take(ulong key, int index, ItemId item, long timestampMs, string type, float weight, bool isNewer)
        {
            scratch.History[count++] = new HistoryItem
            {
                Item = item,
                Key = key,
                Index = index,
                TimestampMs = timestampMs,
                Type = type,
                Weight = weight,
                IsNewerThanModel = isNewer,
            };
            if (index >= 0)
            {
                scratch.FoldItems[foldCount] = index;
                scratch.FoldWeights[foldCount++] = weight;
            }
        }
    }

    private static bool HasScore(SlateRun run)
    {
        if (run.Model is not { } model || run.FoldCount == 0)
        {
            return false;
        }

        if (model.HasOperator && model.Card.Parameters.GetValueOrDefault(ModelScorer.OperatorShare, 1) > 0)
        {
            return true;
        }

        if (model.Dimension > 0)
        {
            foreach (int item in run.Scratch.FoldItems.AsSpan(0, run.FoldCount))
            {
                if (model.OriginOf(item) != EmbeddingOrigin.None)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static void ReadRecents(SlateRun run, ServingOptions options)
    {
        SlateScratch scratch = run.Scratch;
        double rankWeight = 1;
        double floor = run.IsEmbedded ? 0 : options.RecentFloor;
        for (int at = 0; at < run.HistoryCount && run.RecentCount < options.RecentItems; at++)
        {
            ref HistoryItem item = ref scratch.History[at];
            int value = 0;
            if (!scratch.Distinct.TryAdd(item.Key, ref value) || item.Weight <= 0
                || (scratch.Blocked.TryGet(item.Key, out int reason) && (FilterReason)reason == FilterReason.Disliked))
            {
                continue;
            }

            double ageMs = Math.Max(0, run.NowMs - item.TimestampMs);
            run.Catalogue.TryGet(item.Item, out Core.Catalogue.CatalogueItem? entry);
            scratch.Recents[run.RecentCount++] = new RecentItem
            {
                At = at,
                SessionWeight = (float)(rankWeight * Half(ageMs, options.SessionHalfLife)),
                RecentWeight = (float)(rankWeight
                    * (floor + ((1 - floor) * Half(ageMs, options.RecentHalfLife)))),
                Entry = entry,
            };
            rankWeight *= options.RankDecay;
        }
    }

    internal static double Half(double ageMs, TimeSpan halfLife) => double.Exp2(-ageMs / halfLife.TotalMilliseconds);
}
