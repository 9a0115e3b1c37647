using RecSys.Core;
using RecSys.Core.Models;
using RecSys.Core.Slates;
using RecSys.Core.Users;

namespace RecSys.Serving.Pipeline;

/// <summary>Reads the profile and the request once, and sets the history, the input of the model, the recent items, and the items that the slate must not show.</summary>
internal static class HistoryReader
{
    /// <summary>The interaction type of the items that the request lists.</summary>
    public const string SessionType = "view";

    private const InteractionKind SessionKind = InteractionKind.View;

    public static void Read(SlateRun run, InteractionTypes types, ServingOptions options)
    {
        SlateScratch scratch = run.Scratch;
        foreach (ItemId item in run.Request.Exclude)
        {
            run.Block(run.KeyOf(item, out _), FilterReason.Excluded);
        }

        for (int shown = 0; shown < run.OnPage.Count; shown++)
        {
            run.Block(run.KeyOf(run.OnPage[shown], out _), FilterReason.OnPage);
        }

        int count = 0;
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

            Take(key, index, item, run.NowMs, SessionType, SessionKind, (float)options.SessionItemWeight, isNewer: true);
        }

        int sessionCount = count;
        foreach (ProfileInteraction interaction in run.Profile.History)
        {
            bool isNewer = run.Model is null || !run.Model.Card.Watermark.Covers(interaction.Position);
            run.NewerThanModelCount += isNewer ? 1 : 0;
            TakeProfile(interaction, isNewer, weightMax: float.PositiveInfinity);
        }

        int historyCount = count;
        foreach (ProfileInteraction interaction in run.Profile.OlderStatements)
        {
            // As in training, an older statement has no positive weight; a negative one still replaces other acts.
            TakeProfile(interaction, isNewer: false, weightMax: 0);
        }

        ActRule.Settle(
            scratch.ActItems.AsSpan(0, count), scratch.ActKinds.AsSpan(0, count), scratch.ActWeights.AsSpan(0, count), scratch.ActStands.AsSpan(0, count));
        for (int at = sessionCount; at < count; at++)
        {
            if (scratch.ActStands[at])
            {
                ReadSeen(scratch.History[at], scratch.ActWeights[at], isOlder: at >= historyCount);
            }
        }

        run.HistoryCount = run.IsPersonal && !run.IsSimilarOnly ? historyCount : sessionCount;
        Array.Clear(scratch.History, run.HistoryCount, count - run.HistoryCount);
        run.FoldCount = ReadFold(run);
        run.HasModelScores = HasModelScores(run);
        ReadRecents(run, options);
        int known = Math.Max(run.FoldCount, run.RecentCount);
        run.KnownCount = run.IsSimilarOnly ? int.MaxValue : known;
        run.NewShare = NewShareOf(known, options.KnownItems);
        if (run.IsPersonal && !run.IsSimilarOnly && known <= options.KnownItems)
        {
            run.Interests = LabelInterests.Read(run.Profile.Labels, run.Catalogue);
        }

        // A type that is no longer configured has no effect.
        SeenRule RuleOf(string type) =>
            types.TryGet(type, out InteractionType? configured) ? configured.SeenRule : SeenRule.Allow;

        void ReadSeen(in HistoryItem act, float weight, bool isOlder)
        {
            SeenRule rule = RuleOf(act.Type);
            if (rule == SeenRule.Exclude && weight < 0)
            {
                run.Block(act.Key, FilterReason.Disliked);
            }
            else if ((run.Request.Seen ?? rule) == SeenRule.Exclude)
            {
                run.Block(act.Key, rule == SeenRule.Exclude ? FilterReason.Touched : FilterReason.Seen);
            }
            else if (run.IsPersonal && !isOlder)
            {
                Note(act.Key, act.Index, act.Item, act.TimestampMs, act.Type, rule);
            }
        }

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

            if ((run.Request.Seen ?? rule) == SeenRule.Demote && !run.IsSimilarOnly)
            {
                seen.Weight += (float)Decay(Math.Max(0, run.NowMs - timestampMs), options.SeenHalfLife);
                seen.IsDemoted = true;
            }
        }

        void TakeProfile(ProfileInteraction interaction, bool isNewer, float weightMax)
        {
            interaction.Read(out ReadOnlySpan<byte> itemUtf8, out string name, out double? value);
            int index = -1;
            bool isInModel = run.Model is { } model && model.TryGetIndex(itemUtf8, out index);
            ItemId item = isInModel ? run.Model!.ItemAt(index) : interaction.Item;
            ulong key = isInModel ? (ulong)index : SlateRun.KeyOfUnknown(item);
            bool isConfigured = types.TryGet(name, out InteractionType? type);
            Take(
                key,
                isInModel ? index : -1,
                item,
                interaction.TimestampMs,
                name,
                isConfigured ? type!.Kind : InteractionKind.View,
                isConfigured ? Math.Min(type!.WeightOf(value), weightMax) : 0,
                isNewer);
        }

        void Take(ulong key, int index, ItemId item, long timestampMs, string type, InteractionKind kind, float weight, bool isNewer)
        {
            scratch.ActItems[count] = key;
            scratch.ActKinds[count] = kind;
            scratch.ActWeights[count] = weight;
            scratch.History[count++] = new HistoryItem
            {
                Item = item,
                Key = key,
                Index = index,
                TimestampMs = timestampMs,
                Type = type,
                IsNewerThanModel = isNewer,
            };
        }
    }

    /// <summary>Sets the weights of the history's interactions, and collects the input of the fold-in: the items that the model has, and the weight of each.</summary>
    /// <returns>The number of distinct items in the input of the fold-in.</returns>
    private static int ReadFold(SlateRun run)
    {
        SlateScratch scratch = run.Scratch;
        int count = 0;
        for (int at = 0; at < run.HistoryCount; at++)
        {
            ref HistoryItem item = ref scratch.History[at];
            item.Weight = scratch.ActWeights[at];
            if (item.Index >= 0)
            {
                scratch.FoldItems[count] = item.Index;
                scratch.FoldWeights[count++] = item.Weight;
            }
        }

        return HistoryWeights.Combine(scratch.FoldItems.AsSpan(0, count), scratch.FoldWeights.AsSpan(0, count));
    }

    private static bool HasModelScores(SlateRun run)
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
        double floor = run.HasModelScores ? 0 : options.RecentFloor;
        for (int at = 0; at < run.HistoryCount && run.RecentCount < options.RecentItems; at++)
        {
            ref HistoryItem item = ref scratch.History[at];
            int value = 0;
            if (item.Weight <= 0 || !scratch.Distinct.TryAdd(item.Key, ref value)
                || (scratch.Blocked.TryGet(item.Key, out int reason) && (FilterReason)reason == FilterReason.Disliked))
            {
                continue;
            }

            double ageMs = Math.Max(0, run.NowMs - item.TimestampMs);
            scratch.Recents[run.RecentCount++] = new RecentItem
            {
                At = at,
                SessionWeight = (float)(rankWeight * Decay(ageMs, options.SessionHalfLife)),
                RecentWeight = (float)(rankWeight
                    * (floor + ((1 - floor) * Decay(ageMs, options.RecentHalfLife)))),
                NeighbourCount = Math.Max(1, (int)(rankWeight * options.NeighbourCandidates)),
                Entry = run.ItemOf(item.Item, item.Index),
            };
            rankWeight *= options.RankDecay;
        }

        ShareRanks(run);
    }

    /// <summary>Gives those recent items of the profile that have the same time the mean of their weights, because none of them is newer. The items of the request keep their order.</summary>
    private static void ShareRanks(SlateRun run)
    {
        SlateScratch scratch = run.Scratch;
        Span<RecentItem> recents = scratch.Recents.AsSpan(0, run.RecentCount);
        for (int first = 0, end; first < recents.Length; first = end)
        {
            end = first + 1;
            while (end < recents.Length && recents[first].At >= run.Request.Items.Length
                && scratch.History[recents[end].At].TimestampMs == scratch.History[recents[first].At].TimestampMs)
            {
                end++;
            }

            (float session, float recent, int neighbours) = (0, 0, 0);
            foreach (ref readonly RecentItem item in recents[first..end])
            {
                session += item.SessionWeight;
                recent += item.RecentWeight;
                neighbours += item.NeighbourCount;
            }

            int count = end - first;
            foreach (ref RecentItem item in recents[first..end])
            {
                (item.SessionWeight, item.RecentWeight, item.NeighbourCount) = (session / count, recent / count, neighbours / count);
            }
        }
    }

    /// <summary>Returns the share of the weights for new users, 0 to 1: (k / (n + k))², where n is <paramref name="known"/> and k is <paramref name="knownItems"/>; 1 if n is 0.</summary>
    public static float NewShareOf(int known, double knownItems)
    {
        double share = known == 0 ? 1 : knownItems / (known + knownItems);
        return (float)(share * share);
    }

    /// <summary>Returns the decay 2^(−age / half-life), 1 for an age of 0.</summary>
    internal static double Decay(double ageMs, TimeSpan halfLife) => double.Exp2(-ageMs / halfLife.TotalMilliseconds);
}
