using System.Globalization;
using System.Text;
using RecSys.Batch.Training;
using RecSys.Core;

namespace RecSys.Batch.Evaluation;

/// <summary>Ways to split interactions in two. All are deterministic.</summary>
public static class Splits
{
    /// <summary>Splits by time: the newest share of all interactions is predicted from the earlier ones.</summary>
    /// <param name="table">Interactions of all users.</param>
    /// <param name="share">Share that is predicted, above 0 and below 1.</param>
    public static EvaluationSplit Temporal(InteractionTable table, double share = 0.1)
    {
        ArgumentNullException.ThrowIfNull(table);
        return Temporal(table, CutTime(table, share), string.Create(
            CultureInfo.InvariantCulture,
            $"temporal: the newest {share:P0} of interactions by time; users with a history and a new item; all other items ranked"));
    }

    /// <summary>Splits at a time: interactions at or after it are predicted from the earlier ones.</summary>
    public static EvaluationSplit Temporal(InteractionTable table, long cutMs, string protocol)
    {
        ArgumentNullException.ThrowIfNull(table);
        int CountOf(int user) => table.CountBefore(user, cutMs);
        return Cut(table, CountOf, protocol);
    }

    /// <summary>Splits per user: the newest item is predicted from the earlier ones.</summary>
    public static EvaluationSplit LeaveOneOut(InteractionTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return Cut(
            table,
            user => FirstOfNewest(table.ItemsOf(user)),
            "leave-one-out: each user's newest item; users with another before; all other items ranked");
    }

    /// <summary>Returns the time at which the newest share of interactions begins.</summary>
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

    /// <summary>Reads a split from two files: lines of user, item and further fields for training; lines of a user and the user's items for the test.</summary>
    /// <param name="train">Lines of the training file; fields are separated by white space or commas.</param>
    /// <param name="test">Lines of the test file.</param>
    /// <exception cref="FormatException">A line has too few fields or no id; the text names the file and the line.</exception>
    /// <remarks>Every pair weighs 1. The ideal list holds all relevant items, as in the published tables of this protocol.</remarks>
    public static EvaluationSplit Files(IEnumerable<string> train, IEnumerable<string> test)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(test);
        List<(string User, string Item)> trained = Pairs(train, "training", isList: false);
        List<(string User, string Item)> tested = Pairs(test, "test", isList: true);
        ItemIndex index = ItemIndex.Of(trained.Concat(tested).Select(pair => new ItemId(pair.Item)));
        SortedDictionary<string, (List<int> Train, List<int> Test)> users = new(StringComparer.Ordinal);
        foreach ((string user, string item) in trained)
        {
            Of(user).Train.Add(IndexOf(item));
        }

        foreach ((string user, string item) in tested)
        {
            Of(user).Test.Add(IndexOf(item));
        }

        InteractionTable.Builder builder = new(index);
        List<EvaluationUser> judged = [];
        int row = 0;
        foreach ((string name, (List<int> history, List<int> found)) in users)
        {
            foreach (int item in history.Distinct())
            {
                builder.Add(item, timeMs: 0, weight: 1);
            }

            builder.EndUser();
            int[] relevant = [.. found.Except(history).Distinct().Order()];
            if (history.Count > 0)
            {
                if (relevant.Length > 0)
                {
                    judged.Add(new EvaluationUser(row, new UserId(name), relevant));
                }

                row++;
            }
        }

        return new EvaluationSplit(
            "files: given training and test; all items but the user's training items ranked; gain against all of the user's test items",
            builder.Build().ToTrainingSet(),
            judged,
            IdealGain.AllRelevant);

        (List<int> Train, List<int> Test) Of(string user)
        {
            if (!users.TryGetValue(user, out (List<int> Train, List<int> Test) lists))
            {
                users.Add(user, lists = ([], []));
            }

            return lists;
        }

        int IndexOf(string item) =>
            index.TryGetIndex(Encoding.UTF8.GetBytes(item), out int found) ? found : throw new InvalidOperationException("an item was lost");
    }

    private static EvaluationSplit Cut(InteractionTable table, Func<int, int> countOf, string protocol)
    {
        TrainingSet train = table.ToTrainingSet(countOf);
        List<EvaluationUser> users = [];
        int[] items = new int[Limits.HistoryMax];
        float[] weights = new float[Limits.HistoryMax];
        for (int user = 0; user < table.UserCount; user++)
        {
            int count = countOf(user);
            int all = table.ItemsOf(user).Length;
            if (train.Weights.RowEntryCount(user) == 0 || count == all)
            {
                continue;
            }

            if (items.Length < all)
            {
                items = new int[all];
                weights = new float[all];
            }

            // Items that the user likes in the end, and had no interaction with before, liked or not.
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
                users.Add(new EvaluationUser(user, Name: null, [.. relevant]));
            }
        }

        return new EvaluationSplit(protocol, train, users, IdealGain.FirstK);
    }

    // Cut at the first interaction with the newest item: the history must hold nothing that followed from it.
    private static int FirstOfNewest(ReadOnlySpan<int> items) => items.IsEmpty ? 0 : items.IndexOf(items[^1]);

    private static List<(string User, string Item)> Pairs(IEnumerable<string> lines, string file, bool isList)
    {
        List<(string, string)> pairs = [];
        int number = 0;
        foreach (string line in lines)
        {
            number++;
            string[] fields = line.Split([' ', '\t', ','], StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length == 0)
            {
                continue;
            }

            if (fields.Length < 2)
            {
                throw new FormatException($"line {number} of the {file} file has no user and item");
            }

            for (int field = 0; field < (isList ? fields.Length : 2); field++)
            {
                if (IdText.Problem(fields[field]) is { } problem)
                {
                    throw new FormatException($"line {number} of the {file} file: id {problem}");
                }
            }

            for (int field = 1; field < (isList ? fields.Length : 2); field++)
            {
                pairs.Add((fields[0], fields[field]));
            }
        }

        return pairs;
    }
}
