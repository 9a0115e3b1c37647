using System.Buffers;
using RecSys.Core;
using RecSys.Core.Models;
using RecSys.Numerics;

namespace RecSys.Batch.Training;

/// <summary>The interactions of all users in columns, user after user, oldest first. Training sets and splits are made from it.</summary>
/// <remarks>
/// The table contains the interactions of users who did not refuse consent: those with a weight of either sign, and statements of weight 0, which may replace other interactions (<see cref="ActRule"/>). Each user has at most
/// <see cref="Limits.HistoryMax"/> of them, and in addition the user's older statements, whose weights are at most 0.
/// </remarks>
public sealed class InteractionTable
{
    private readonly int[] _userStarts;
    private readonly int[] _items;
    private readonly long[] _timesMs;
    private readonly float[] _weights;
    private readonly InteractionKind[] _kinds;

    private InteractionTable(ItemIndex index, int[] userStarts, int[] items, long[] timesMs, float[] weights, InteractionKind[] kinds)
    {
        Index = index;
        _userStarts = userStarts;
        _items = items;
        _timesMs = timesMs;
        _weights = weights;
        _kinds = kinds;
    }

    /// <summary>Gets the items, including those without interactions.</summary>
    public ItemIndex Index { get; }

    /// <summary>Gets the number of users.</summary>
    public int UserCount => _userStarts.Length - 1;

    /// <summary>Gets the number of interactions of all users.</summary>
    public int Count => _items.Length;

    /// <summary>Gets the time of the newest interaction, in milliseconds since 1970, UTC; 0 if there is none.</summary>
    public long NewestMs => _timesMs.Length == 0 ? 0 : _timesMs.Max();

    /// <summary>Gets the times of all interactions, user after user, in milliseconds since 1970, UTC.</summary>
    public ReadOnlySpan<long> TimesMs => _timesMs;

    /// <summary>Returns the items of a user's interactions, oldest first; an item may occur more than once.</summary>
    public ReadOnlySpan<int> ItemsOf(int user) => _items.AsSpan(_userStarts[user].._userStarts[user + 1]);

    /// <summary>Returns the times of a user's interactions, in milliseconds since 1970, UTC.</summary>
    public ReadOnlySpan<long> TimesOf(int user) => _timesMs.AsSpan(_userStarts[user].._userStarts[user + 1]);

    /// <summary>Returns the weights of a user's interactions, of either sign.</summary>
    public ReadOnlySpan<float> WeightsOf(int user) => _weights.AsSpan(_userStarts[user].._userStarts[user + 1]);

    /// <summary>Combines a user's oldest interactions to one weight per item, and writes the items with a weight above 0.</summary>
    /// <param name="user">The number of the user.</param>
    /// <param name="count">The number of interactions, from the oldest.</param>
    /// <param name="items">Receives the indices of the items, ascending; at least <paramref name="count"/> long.</param>
    /// <param name="weights">Receives the weights of these items; at least <paramref name="count"/> long.</param>
    /// <returns>The number of items that were written.</returns>
    public int Combine(int user, int count, Span<int> items, Span<float> weights)
    {
        // ActRule needs the interactions newest first.
        ulong[] keys = ArrayPool<ulong>.Shared.Rent(count);
        InteractionKind[] kinds = ArrayPool<InteractionKind>.Shared.Rent(count);
        bool[] stands = ArrayPool<bool>.Shared.Rent(count);
        int start = _userStarts[user];
        for (int i = 0; i < count; i++)
        {
            int at = start + count - 1 - i;
            (items[i], weights[i], kinds[i], keys[i]) = (_items[at], _weights[at], _kinds[at], (ulong)_items[at]);
        }

        ActRule.Settle(keys.AsSpan(0, count), kinds.AsSpan(0, count), weights[..count], stands.AsSpan(0, count));
        ArrayPool<ulong>.Shared.Return(keys);
        ArrayPool<InteractionKind>.Shared.Return(kinds);
        ArrayPool<bool>.Shared.Return(stands);
        return HistoryWeights.Combine(items[..count], weights[..count]);
    }

    /// <summary>Returns the number of a user's interactions before a time, in milliseconds since 1970, UTC; they are the user's first ones.</summary>
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

    /// <summary>Returns the training set of each user's oldest interactions. Every user has a row, which may be empty.</summary>
    /// <param name="countOf">Returns the number of a user's interactions to use, from the oldest; null: all are used.</param>
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

    /// <summary>Builds a table. Users have numbers in the order in which they are added.</summary>
    /// <param name="index">The items of the table.</param>
    public sealed class Builder(ItemIndex index)
    {
        private readonly List<int> _userStarts = [0];
        private readonly List<int> _items = [];
        private readonly List<long> _timesMs = [];
        private readonly List<float> _weights = [];
        private readonly List<InteractionKind> _kinds = [];

        /// <summary>Adds an interaction of the current user: oldest first before <see cref="EndUser"/>, newest first before <see cref="EndUserNewestFirst"/>.</summary>
        /// <param name="item">The index of the item.</param>
        /// <param name="timeMs">The time, in milliseconds since 1970, UTC.</param>
        /// <param name="weight">The weight, of either sign.</param>
        /// <param name="kind">The kind, by which <see cref="ActRule"/> decides which of a user's interactions with an item stand.</param>
        /// <exception cref="ArgumentOutOfRangeException">The index is not that of an item.</exception>
        public void Add(int item, long timeMs, float weight, InteractionKind kind = InteractionKind.View)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)item, (uint)index.Items.Count, nameof(item));
            _items.Add(item);
            _timesMs.Add(timeMs);
            _weights.Add(weight);
            _kinds.Add(kind);
        }

        /// <summary>Ends the current user. A user without interactions is not added.</summary>
        public void EndUser()
        {
            if (_userStarts[^1] != _items.Count)
            {
                _userStarts.Add(_items.Count);
            }
        }

        /// <summary>Reverses the interactions of the current user, which were added newest first, and ends the user.</summary>
        public void EndUserNewestFirst()
        {
            int start = _userStarts[^1];
            int count = _items.Count - start;
            _items.Reverse(start, count);
            _timesMs.Reverse(start, count);
            _weights.Reverse(start, count);
            _kinds.Reverse(start, count);
            EndUser();
        }

        /// <summary>Returns the table.</summary>
        public InteractionTable Build() => new(index, [.. _userStarts], [.. _items], [.. _timesMs], [.. _weights], [.. _kinds]);
    }
}
