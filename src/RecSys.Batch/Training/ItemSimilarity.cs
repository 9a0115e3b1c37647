using RecSys.Core.Models;
using RecSys.Numerics;

namespace RecSys.Batch.Training;

/// <summary>Similarity of items by common users: a damped cosine of their columns.</summary>
/// <remarks>
/// s(i, j) = Σ over users of both 1/√(items of the user) / √((d_i + damping)(d_j + damping)), d the number of an item's users: users with
/// many items count little, and so do items with few users.
/// </remarks>
public static class ItemSimilarity
{
    private const float Damping = 5;

    /// <summary>Returns the most similar items of each, best first.</summary>
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

    /// <summary>Returns the rows of a matrix with the highest values first; of equal ones the lower column.</summary>
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
                // In place: the heap has consumed only entries before i.
                heap.Offer(rowValues[i], rowColumns[i]);
            }

            heap.SortDescending();
        }

        return new SparseRows(matrix.RowStarts.ToArray(), columns, values);
    }

    /// <summary>Returns the same entries, each with weight one.</summary>
    internal static CsrMatrix Ones(CsrMatrix matrix)
    {
        float[] ones = new float[matrix.EntryCount];
        Array.Fill(ones, 1f);
        return matrix.WithValues(ones);
    }
}
