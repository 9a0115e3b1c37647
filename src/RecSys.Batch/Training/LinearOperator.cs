using RecSys.Core.Models;
using RecSys.Numerics;

namespace RecSys.Batch.Training;

/// <summary>Learns a linear operator from the items of a history to scores of items: in closed form or, for many items, from co-occurrence counts.</summary>
/// <remarks>
/// <para>
/// Closed form: EASE (Steck, Embarrassingly Shallow Autoencoders for Sparse Data, WWW 2019) on the matrix X = Du^−a R D^−b, where R has the weights of users × items, Du the number of items of each user, and D the number of users of each item.
/// The exponents reduce the influence of users with many items and of popular items. With P = (XᵀX + λI)⁻¹ and B = I − P / diag(P), an item i of the history adds D_i^−b B_ij D_j^b to the score of item j.
/// </para>
/// <para>Counts: an item i of the history adds D_i^−½ (Rᵀ Du^−0.7 R)_ij D_j^−¼ to the score of item j, where R has ones. This counts the common users; a user with more items counts less.</para>
/// </remarks>
public static class LinearOperator
{
    private const double CountedUserExponent = 0.7;
    private const double CountedFromExponent = 0.5;
    private const double CountedToExponent = 0.25;
    private const int CountedEntriesMax = 200;

    /// <summary>The largest number of entries of all items, a limit of a section of a snapshot.</summary>
    private const int EntriesMax = 1 << 28;

    /// <summary>Learns the operator.</summary>
    /// <param name="set">The weights of (user, item) pairs.</param>
    /// <param name="options">The options, with the number of items up to which the closed form is used.</param>
    /// <param name="threads">The number and niceness of threads; the closed form uses the caller's thread only.</param>
    /// <param name="cancellationToken">Cancels the computation between its steps, each of which may take seconds.</param>
    /// <returns>One row per item of the history, with the entries of the largest absolute values in ascending order of item; no rows if there are no interactions or the options switch the operator off.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static SparseRows Learn(
        TrainingSet set, ModelOptions options, WorkerThreads threads, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(options);
        int[] degrees = set.ItemDegrees();
        int[] dense = new int[degrees.Length];
        List<int> touched = [];
        for (int item = 0; item < degrees.Length; item++)
        {
            dense[item] = degrees[item] > 0 ? touched.Count : -1;
            if (degrees[item] > 0)
            {
                touched.Add(item);
            }
        }

        int n = touched.Count;
        if (n == 0 || options.OperatorItemsMax == 0)
        {
            return SparseRows.None;
        }

        if (n > options.OperatorItemsMax)
        {
            return Count(set, options, degrees, threads, cancellationToken);
        }

        double[] itemScale = [.. touched.Select(item => 1 / NormalEquations.Power(degrees[item], options.OperatorItemExponent))];
        double[] gram = Gram(set, options, dense, itemScale);
        cancellationToken.ThrowIfCancellationRequested();
        if (!Cholesky.TryFactor(gram, n))
        {
            throw new InvalidOperationException("the operator's regularisation is too small for its input");
        }

        cancellationToken.ThrowIfCancellationRequested();
        double[] inverse = new double[gram.Length];
        Cholesky.Invert(gram, n, inverse);
        cancellationToken.ThrowIfCancellationRequested();
        return Keep(inverse, itemScale, touched, degrees.Length, options.OperatorEntries);
    }

    private static SparseRows Count(
        TrainingSet set, ModelOptions options, int[] degrees, WorkerThreads threads, CancellationToken cancellationToken)
    {
        CsrMatrix users = ItemSimilarity.Ones(set.Weights);
        float[] userFactors = new float[users.RowCount];
        for (int user = 0; user < userFactors.Length; user++)
        {
            userFactors[user] = (float)(1 / NormalEquations.Power(Math.Max(1, users.RowEntryCount(user)), CountedUserExponent));
        }

        int entries = Math.Min(Math.Min(options.OperatorEntries, CountedEntriesMax), Math.Max(1, EntriesMax / degrees.Length));
        CsrMatrix counted = SparseProduct.TopPerRow(
            ItemSimilarity.Ones(set.ItemWeights),
            users,
            new SparseProductOptions
            {
                EntriesPerRow = entries,
                InnerWeights = userFactors,
                RowFactors = Factors(CountedFromExponent),
                ColumnFactors = Factors(CountedToExponent),
                Minimum = float.Epsilon,
            },
            threads,
            progress: null,
            cancellationToken);
        return new SparseRows(counted.RowStarts.ToArray(), counted.Columns.ToArray(), counted.Values.ToArray());

        float[] Factors(double exponent) =>
            [.. degrees.Select(degree => (float)(1 / NormalEquations.Power(Math.Max(1, degree), exponent)))];
    }

    private static double[] Gram(TrainingSet set, ModelOptions options, int[] dense, double[] itemScale)
    {
        int n = itemScale.Length;
        double[] gram = new double[(long)n * n];
        double[] values = new double[n];
        int[] columns = new int[n];
        for (int user = 0; user < set.Weights.RowCount; user++)
        {
            ReadOnlySpan<int> items = set.Weights.RowColumns(user);
            ReadOnlySpan<float> weights = set.Weights.RowValues(user);
            double userScale = 1 / NormalEquations.Power(items.Length, options.OperatorUserExponent);
            for (int i = 0; i < items.Length; i++)
            {
                columns[i] = dense[items[i]];
                values[i] = weights[i] * userScale * itemScale[columns[i]];
            }

            for (int i = 0; i < items.Length; i++)
            {
                Span<double> row = gram.AsSpan(columns[i] * n, n);
                for (int j = i; j < items.Length; j++)
                {
                    row[columns[j]] += values[i] * values[j];
                }
            }
        }

        SymmetricMatrix.AddToDiagonal(gram, n, options.OperatorRegularisation);
        return gram;
    }

    private static SparseRows Keep(double[] inverse, double[] itemScale, List<int> touched, int itemCount, int entriesMax)
    {
        int n = itemScale.Length;
        int kept = Math.Min(entriesMax, n - 1);
        int[] starts = new int[itemCount + 1];
        List<int> indices = [];
        List<float> scores = [];
        float[] topSizes = new float[kept];
        int[] topColumns = new int[kept];
        float[] row = new float[n];
        int next = 0;
        for (int item = 0; item < itemCount; item++)
        {
            if (next < n && touched[next] == item)
            {
                int i = next++;
                TopKHeap heap = new(topSizes, topColumns);
                for (int j = 0; j < n; j++)
                {
                    row[j] = (float)(-inverse[(i * n) + j] / inverse[(j * n) + j] * itemScale[i] / itemScale[j]);
                    if (j != i)
                    {
                        heap.Offer(MathF.Abs(row[j]), j);
                    }
                }

                Span<int> columns = topColumns.AsSpan(0, heap.Count);
                columns.Sort();
                foreach (int j in columns)
                {
                    indices.Add(touched[j]);
                    scores.Add(row[j]);
                }
            }

            starts[item + 1] = indices.Count;
        }

        return new SparseRows(starts, [.. indices], [.. scores]);
    }
}
