namespace RecSys.Numerics;

/// <summary>Products of sparse matrices of which only the largest entries of each row are kept.</summary>
public static class SparseProduct
{
    /// <summary>
    /// The top entries of each row of P[i,j] = rowFactor[i] · columnFactor[j] · Σ_u left[i,u] · inner[u] · right[u,j].
    /// Item-item similarity is the product of the transposed interaction matrix with itself.
    /// </summary>
    /// <param name="left">n × m.</param>
    /// <param name="right">m × p.</param>
    /// <param name="options">Number of entries to keep, and the factors.</param>
    /// <param name="threads">Number of threads, and their niceness. Each uses 9 bytes per column.</param>
    /// <param name="progress">Called with the number of rows done, on a thread that computes rows; ascending, one call at a time.</param>
    /// <param name="cancellationToken">Checked between blocks of rows.</param>
    /// <returns>n × p, at most <see cref="SparseProductOptions.EntriesPerRow"/> entries per row.</returns>
    /// <exception cref="ArgumentException">The sizes do not fit together.</exception>
    /// <exception cref="InvalidOperationException">The result has more entries than a matrix can have.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <remarks>
    /// Every entry is summed in ascending order of u and in single precision; of equal entries the lower column is
    /// kept. The same bits on any number of threads. The work is, over all entries (i, u) of left, the length of row
    /// u of right; the longest rows of right dominate it.
    /// </remarks>
    public static CsrMatrix TopPerRow(
        CsrMatrix left,
        CsrMatrix right,
        SparseProductOptions options,
        WorkerThreads threads,
        Action<int>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        ArgumentNullException.ThrowIfNull(options);
        if (right.RowCount != left.ColumnCount)
        {
            Throw.Argument(nameof(right), $"right has {right.RowCount} rows where left has {left.ColumnCount} columns");
        }

        RequireFactors(options.InnerWeights.Length, left.ColumnCount, nameof(options.InnerWeights));
        RequireFactors(options.RowFactors.Length, left.RowCount, nameof(options.RowFactors));
        RequireFactors(options.ColumnFactors.Length, right.ColumnCount, nameof(options.ColumnFactors));

        int blockCount = (int)(((long)left.RowCount + options.BlockRows - 1) / options.BlockRows);
        Block[] blocks = new Block[blockCount];
        ParallelBlocks.Run(
            left.RowCount,
            options.BlockRows,
            threads,
            () => new Scratch(right.ColumnCount, Math.Min(options.EntriesPerRow, right.ColumnCount)),
            (rows, scratch) => blocks[rows.Index] = Multiply(left, right, options, rows, scratch),
            progress,
            cancellationToken);
        return Join(left.RowCount, right.ColumnCount, options.BlockRows, blocks);
    }

    private static Block Multiply(
        CsrMatrix left, CsrMatrix right, SparseProductOptions options, RowBlock rows, Scratch scratch)
    {
        ReadOnlySpan<float> inner = options.InnerWeights.Span;
        ReadOnlySpan<float> rowFactors = options.RowFactors.Span;
        int[] rowEnds = new int[rows.Count];
        scratch.Columns.Clear();
        scratch.Values.Clear();
        for (int row = rows.Start; row < rows.End; row++)
        {
            ReadOnlySpan<int> columns = left.RowColumns(row);
            ReadOnlySpan<float> values = left.RowValues(row);
            for (int entry = 0; entry < columns.Length; entry++)
            {
                int u = columns[entry];
                scratch.Sums.AddRow(right, u, inner.IsEmpty ? values[entry] : values[entry] * inner[u]);
            }

            float rowFactor = rowFactors.IsEmpty ? 1f : rowFactors[row];
            Keep(scratch, options, row, rowFactor);
            scratch.Sums.Clear();
            rowEnds[row - rows.Start] = scratch.Columns.Count;
        }

        return new Block(rowEnds, [.. scratch.Columns], [.. scratch.Values]);
    }

    private static void Keep(Scratch scratch, SparseProductOptions options, int row, float rowFactor)
    {
        ReadOnlySpan<float> columnFactors = options.ColumnFactors.Span;
        TopKHeap heap = new(scratch.TopValues, scratch.TopColumns, options.Minimum);
        foreach (int column in scratch.Sums.Touched)
        {
            if (column != row || options.KeepDiagonal)
            {
                float value = rowFactor * scratch.Sums[column];
                heap.Offer(columnFactors.IsEmpty ? value : value * columnFactors[column], column);
            }
        }

        int kept = heap.Count;
        Span<int> keptColumns = scratch.TopColumns.AsSpan(0, kept);
        Span<float> keptValues = scratch.TopValues.AsSpan(0, kept);
        keptColumns.Sort(keptValues);
        scratch.Columns.AddRange(keptColumns);
        scratch.Values.AddRange(keptValues);
    }

    private static CsrMatrix Join(int rowCount, int columnCount, int blockRows, Block[] blocks)
    {
        long total = blocks.Sum(block => (long)block.Columns.Length);
        if (total > CsrMatrix.EntriesMax)
        {
            throw new InvalidOperationException(
                $"the product has {total} entries, but a matrix has at most {CsrMatrix.EntriesMax}: keep fewer per row");
        }

        int[] rowStarts = new int[rowCount + 1];
        int[] columns = new int[total];
        float[] values = new float[total];
        int start = 0;
        for (int block = 0; block < blocks.Length; block++)
        {
            blocks[block].Columns.CopyTo(columns, start);
            blocks[block].Values.CopyTo(values, start);
            for (int row = 0; row < blocks[block].RowEnds.Length; row++)
            {
                rowStarts[(block * blockRows) + row + 1] = start + blocks[block].RowEnds[row];
            }

            start += blocks[block].Columns.Length;
        }

        return CsrMatrix.FromChecked(columnCount, rowStarts, columns, values);
    }

    private static void RequireFactors(int length, int count, string name)
    {
        if (length != 0)
        {
            Throw.IfLengthIsNot(length, count, name);
        }
    }

    private sealed record Block(int[] RowEnds, int[] Columns, float[] Values);

    private sealed class Scratch(int columnCount, int entriesPerRow)
    {
        public SparseAccumulator Sums { get; } = new(columnCount);

        public float[] TopValues { get; } = new float[entriesPerRow];

        public int[] TopColumns { get; } = new int[entriesPerRow];

        public List<int> Columns { get; } = [];

        public List<float> Values { get; } = [];
    }
}
