using RecSys.Batch.Training;
using RecSys.Core;

namespace RecSys.Batch.Evaluation;

/// <summary>Splits interactions by time for the gate. Deterministic.</summary>
public static class Splits
{
    /// <summary>A user whose training row is empty is evaluated by their newest interactions: of n, the newest n / 5, at least one, are held out, but none from before the cut; the earlier ones are folded in.</summary>
    private const int NewUserHeldOutDivisor = 5;

    /// <summary>Splits at a time: interactions at or after it are predicted from the earlier ones. If the earlier interactions of a user give no item a weight above 0, the user's last interactions are predicted from the others.</summary>
    /// <param name="table">The interactions of all users.</param>
    /// <param name="cutMs">The time, in milliseconds since 1970, UTC.</param>
    /// <param name="protocol">The description of the protocol.</param>
    public static EvaluationSplit Temporal(InteractionTable table, long cutMs, string protocol)
    {
        ArgumentNullException.ThrowIfNull(table);
        TrainingSet train = table.ToTrainingSet(user => table.CountBefore(user, cutMs));
        List<EvaluationUser> users = [];
        int[] items = new int[Limits.HistoryMax];
        float[] weights = new float[Limits.HistoryMax];
        for (int user = 0; user < table.UserCount; user++)
        {
            int count = table.CountBefore(user, cutMs);
            int all = table.ItemsOf(user).Length;
            if (count == all)
            {
                continue;
            }

            if (items.Length < all)
            {
                items = new int[all];
                weights = new float[all];
            }

            FoldedHistory? history = null;
            if (train.Weights.RowEntryCount(user) == 0)
            {
                count = Math.Max(count, all - Math.Max(1, all / NewUserHeldOutDivisor));
                int known = table.Combine(user, count, items, weights);
                if (known == 0)
                {
                    continue;
                }

                history = new FoldedHistory(items[..known], weights[..known]);
            }

            // The relevant items are those that the user likes in the end and with which the user had no interaction before.
            int liked = table.Combine(user, all, items, weights);
            ReadOnlySpan<int> before = table.ItemsOf(user)[..count];
            List<int> relevant = [];
            for (int i = 0; i < liked; i++)
            {
                if (!before.Contains(items[i]))
                {
                    relevant.Add(items[i]);
                }
            }

            if (relevant.Count > 0)
            {
                users.Add(new EvaluationUser(user, [.. relevant]) { History = history });
            }
        }

        return new EvaluationSplit(protocol, train, users);
    }

    /// <summary>Returns the time at which the newest share of interactions begins, in milliseconds since 1970, UTC; 0 without interactions.</summary>
    /// <param name="table">The interactions of all users.</param>
    /// <param name="share">The share, above 0 and below 1.</param>
    public static long CutTime(InteractionTable table, double share)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(share, 1);
        if (table.Count == 0)
        {
            return 0;
        }

        long[] times = table.TimesMs.ToArray();
        Array.Sort(times);
        return times[Math.Min(times.Length - 1, (int)((1 - share) * times.Length))];
    }
}
