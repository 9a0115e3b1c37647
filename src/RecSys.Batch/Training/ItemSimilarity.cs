using RecSys.Core.Models;
using RecSys.Numerics;

namespace RecSys.Batch.Training;

/// <summary>Computes the similarity of items by their common users, a damped cosine of their columns.</summary>
/// <remarks>
/// s(i, j) = Σ over the users u of both items 1/√n_u / √((d_i + damping)(d_j + damping)), where n_u is the number of items of a user, and d the number of users of an item. So users with
/// many items count less, and the similarities of items with few users are low.
/// </remarks>
public static class ItemSimilarity
{
    private const float Damping = 5;

    /// <summary>Returns the most similar items of each item, most similar first.</summary>
    /// <param name="set">The weights of (user, item) pairs; only their presence counts.</param>
    /// <param name="entriesPerItem">The largest number of similar items of an item; 0 for none.</param>
    /// <param name="threads">The number and niceness of threads.</param>
    /// <param name="progress">Called with the share of items that are done, 0 to 1; null if not needed.</param>
    /// <param name="cancellationToken">Cancels the computation.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static SparseRows Learn(
        TrainingSet set, int entriesPerItem, WorkerThreads threads, Action<double>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(set);
        if (entriesPerItem == 0 || set.Items.Count == 0)
        {
            return SparseRows.None;
        }

        CsrMatrix users = Ones(set.Weights);
        CsrMatrix items = Ones(set.ItemWeights);
        float[] userFactors = new float[users.RowCount];
        for (int user = 0; user < userFactors.Length; user++)
        {
            userFactors[user] = 1 / MathF.Sqrt(Math.Max(1, users.RowEntryCount(user)));
        }

        float[] itemFactors = new float[items.RowCount];
        for (int item = 0; item < itemFactors.Length; item++)
        {
            itemFactors[item] = 1 / MathF.Sqrt(items.RowEntryCount(item) + Damping);
        }

        CsrMatrix top = SparseProduct.TopPerRow(
            items,
            users,
            new SparseProductOptions
            {
                EntriesPerRow = entriesPerItem,
                InnerWeights = userFactors,
                RowFactors = itemFactors,
                ColumnFactors = itemFactors,
                Minimum = float.Epsilon,
            },
            threads,
            progress is null ? null : done => progress(done / (double)items.RowCount),
            cancellationToken);
        return BestFirst(top);
    }

    /// <summary>Returns the rows of a matrix with the highest values first; among equal values the lower column is first.</summary>
    internal static SparseRows BestFirst(CsrMatrix matrix)
    {
        int[] columns = matrix.Columns.ToArray();
        float[] values = matrix.Values.ToArray();
        for (int row = 0; row < matrix.RowCount; row++)
        {
            Range range = matrix.RowStarts[row]..matrix.RowStarts[row + 1];
            Span<float> rowValues = values.AsSpan(range);
            Span<int> rowColumns = columns.AsSpan(range);
            TopKHeap heap = new(rowValues, rowColumns);
            for (int i = 0; i < rowValues.Length; i++)
            {
                // The heap is built in place, in the entries before i, which were read already.
                heap.Offer(rowValues[i], rowColumns[i]);
            }

            heap.SortDescending();
        }

        return new SparseRows(matrix.RowStarts.ToArray(), columns, values);
    }

    /// <summary>Returns a matrix with the same entries, all of value 1.</summary>
    internal static CsrMatrix Ones(CsrMatrix matrix)
    {
        float[] ones = new float[matrix.EntryCount];
        Array.Fill(ones, 1f);
        return matrix.WithValues(ones);
    }
}
