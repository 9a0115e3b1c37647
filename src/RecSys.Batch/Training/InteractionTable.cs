using RecSys.Core.Models;
using RecSys.Numerics;

namespace RecSys.Batch.Training;

/// <summary>Everybody's interactions in columns, user after user, oldest first: what training sets and splits are cut from.</summary>
/// <remarks>Holds what <see cref="HistoryWeights"/> would count (weights of either sign), of users who did not refuse consent, at most the history's cut each.</remarks>
public sealed class InteractionTable
{
    private readonly int[] _userStarts;
    private readonly int[] _items;
    private readonly long[] _timesMs;
    private readonly float[] _weights;

    private InteractionTable(ItemIndex index, int[] userStarts, int[] items, long[] timesMs, float[] weights)
    {
        Index = index;
        _userStarts = userStarts;
        _items = items;
        _timesMs = timesMs;
        _weights = weights;
    }

    /// <summary>The items, those that nobody touched too.</summary>
    public ItemIndex Index { get; }

    /// <summary>Users.</summary>
    public int UserCount => _userStarts.Length - 1;

    /// <summary>Interactions of all users.</summary>
    public int Count => _items.Length;

    /// <summary>The time of the newest interaction, in milliseconds since 1970, UTC; 0 without any.</summary>
    public long NewestMs => _timesMs.Length == 0 ? 0 : _timesMs.Max();

    /// <summary>The times of all interactions, user after user.</summary>
    public ReadOnlySpan<long> TimesMs => _timesMs;

    /// <summary>The items that a user touched, oldest first; one may come more than once.</summary>
    public ReadOnlySpan<int> ItemsOf(int user) => _items.AsSpan(_userStarts[user].._userStarts[user + 1]);

    /// <summary>When, in milliseconds since 1970, UTC.</summary>
    public ReadOnlySpan<long> TimesOf(int user) => _timesMs.AsSpan(_userStarts[user].._userStarts[user + 1]);

    /// <summary>What each counts, of either sign.</summary>
    public ReadOnlySpan<float> WeightsOf(int user) => _weights.AsSpan(_userStarts[user].._userStarts[user + 1]);

    /// <summary>Writes what a user's first interactions count: distinct items, ascending, of positive weight.</summary>
    /// <param name="user">The user.</param>
    /// <param name="count">How many interactions, from the oldest.</param>
    /// <param name="items">Receives the items; room for <paramref name="count"/>.</param>
    /// <param name="weights">Receives the weights; room for <paramref name="count"/>.</param>
    /// <returns>How many items there are.</returns>
    public int Combine(int user, int count, Span<int> items, Span<float> weights)
    {
        ItemsOf(user)[..count].CopyTo(items);
        WeightsOf(user)[..count].CopyTo(weights);
        return HistoryWeights.Combine(items[..count], weights[..count]);
    }

    /// <summary>How many of a user's interactions happened before a time; they are the first ones.</summary>
    public int CountBefore(int user, long timeMs)
    {
        ReadOnlySpan<long> times = TimesOf(user);
        int count = 0;
        while (count < times.Length && times[count] < timeMs)
        {
            count++;
        }

        return count;
    }

    /// <summary>The training set of each user's first interactions. Every user stays a row, if an empty one.</summary>
    /// <param name="countOf">How many of a user's interactions, from the oldest; null: all.</param>
    public TrainingSet ToTrainingSet(Func<int, int>? countOf = null)
    {
        int[] starts = new int[UserCount + 1];
        int[] columns = new int[Count];
        float[] values = new float[Count];
        int end = 0;
        for (int user = 0; user < UserCount; user++)
        {
            int count = countOf is null ? ItemsOf(user).Length : countOf(user);
            end += Combine(user, count, columns.AsSpan(end), values.AsSpan(end));
            starts[user + 1] = end;
        }

        return new TrainingSet(Index.Items, new CsrMatrix(Index.Items.Count, starts, columns[..end], values[..end]));
    }

    /// <summary>Collects users in the order in which they are to be rows.</summary>
    /// <param name="index">The items.</param>
    public sealed class Builder(ItemIndex index)
    {
        private readonly List<int> _userStarts = [0];
        private readonly List<int> _items = [];
        private readonly List<long> _timesMs = [];
        private readonly List<float> _weights = [];

        /// <summary>Adds an interaction of the user who is being added; they come oldest first.</summary>
        /// <param name="item">The item's index.</param>
        /// <param name="timeMs">When, in milliseconds since 1970, UTC.</param>
        /// <param name="weight">What it counts, of either sign.</param>
        public void Add(int item, long timeMs, float weight)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)item, (uint)index.Items.Count, nameof(item));
            _items.Add(item);
            _timesMs.Add(timeMs);
            _weights.Add(weight);
        }

        /// <summary>Ends the user; one without interactions is no row.</summary>
        public void EndUser()
        {
            if (_userStarts[^1] != _items.Count)
            {
                _userStarts.Add(_items.Count);
            }
        }

        /// <summary>Turns round the interactions of the user who is being added, where they came newest first, and ends the user.</summary>
        public void EndUserNewestFirst()
        {
            int start = _userStarts[^1];
            int count = _items.Count - start;
            _items.Reverse(start, count);
            _timesMs.Reverse(start, count);
            _weights.Reverse(start, count);
            EndUser();
        }

        /// <summary>The table.</summary>
        public InteractionTable Build() => new(index, [.. _userStarts], [.. _items], [.. _timesMs], [.. _weights]);
    }
}
