using Xunit;

namespace RecSys.Numerics.Tests;

public sealed class SparseProductTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 7)]
    [InlineData(5, 64)]
    public void The_top_of_each_row_is_that_of_the_dense_product(int threads, int blockRows)
    {
        const int UserCount = 60;
        const int ItemCount = 40;
        const int Kept = 6;
        CsrMatrix users = RandomMatrix(UserCount, ItemCount, 500);
        CsrMatrix items = users.Transpose();
        float[] inner = Factors(UserCount, 1);
        float[] rowFactors = Factors(ItemCount, 2);
        float[] columnFactors = Factors(ItemCount, 3);

        CsrMatrix product = SparseProduct.TopPerRow(
            items,
            users,
            new SparseProductOptions
            {
                EntriesPerRow = Kept,
                InnerWeights = inner,
                RowFactors = rowFactors,
                ColumnFactors = columnFactors,
                BlockRows = blockRows,
            },
            new WorkerThreads { Count = threads },
            progress: null,
            TestContext.Current.CancellationToken);

        Assert.Equal(ItemCount, product.RowCount);
        Assert.Equal(ItemCount, product.ColumnCount);
        for (int row = 0; row < ItemCount; row++)
        {
            (int Column, float Value)[] expected =
            [
                .. Enumerable.Range(0, ItemCount)
                    .Where(column => column != row && Shared(items, row, column))
                    .Select(column => (Column: column, Value: Entry(row, column)))
                    .OrderByDescending(entry => entry.Value)
                    .ThenBy(entry => entry.Column)
                    .Take(Kept)
                    .OrderBy(entry => entry.Column),
            ];
            Assert.Equal(expected, product.RowColumns(row).ToArray().Zip(product.RowValues(row).ToArray()));
        }

        float Entry(int row, int column)
        {
            float sum = 0;
            for (int u = 0; u < UserCount; u++)
            {
                if (items.RowColumns(row).BinarySearch(u) >= 0 && users.RowColumns(u).BinarySearch(column) >= 0)
                {
                    sum += items[row, u] * inner[u] * users[u, column];
                }
            }

            return rowFactors[row] * sum * columnFactors[column];
        }
    }

    [Fact]
    public void The_diagonal_and_values_below_the_minimum_are_left_out_by_option()
    {
        // Two users: items 0 and 1 together twice, item 2 once with each.
        CsrMatrix users = CsrMatrixTests.Build(2, 3, [(0, 0, 1f), (0, 1, 1f), (1, 0, 1f), (1, 1, 1f), (1, 2, 1f)]);
        CsrMatrix items = users.Transpose();

        CsrMatrix plain = Product(new());
        CsrMatrix diagonal = Product(new() { KeepDiagonal = true });
        CsrMatrix strong = Product(new() { Minimum = 1.5f });

        Assert.Equal([1, 2, 0, 2, 0, 1], plain.Columns);
        Assert.Equal([2f, 1f, 2f, 1f, 1f, 1f], plain.Values);
        Assert.Equal([0, 1, 2, 0, 1, 2, 0, 1, 2], diagonal.Columns);
        Assert.Equal([1, 0], strong.Columns);
        Assert.Equal([0, 1, 2, 2], strong.RowStarts);

        CsrMatrix Product(SparseProductOptions options) => SparseProduct.TopPerRow(
            items, users, options, WorkerThreads.One, progress: null, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Progress_counts_the_rows()
    {
        CsrMatrix users = RandomMatrix(10, 25, 40);
        List<int> reported = [];

        SparseProduct.TopPerRow(
            users.Transpose(),
            users,
            new() { BlockRows = 10 },
            new WorkerThreads { Count = 3 },
            reported.Add,
            TestContext.Current.CancellationToken);

        Assert.Equal(3, reported.Count);
        Assert.Equal(25, reported[^1]);
        Assert.Equal(reported.Order(), reported);
    }

    [Fact]
    public void A_cancelled_product_throws()
    {
        CsrMatrix users = RandomMatrix(10, 10, 40);
        using CancellationTokenSource cancellation = new();

        Assert.Throws<OperationCanceledException>(() => SparseProduct.TopPerRow(
            users.Transpose(), users, new() { BlockRows = 1 }, WorkerThreads.One, _ => cancellation.Cancel(), cancellation.Token));
    }

    [Fact]
    public void Mismatched_lengths_are_refused_by_name()
    {
        CsrMatrix matrix = RandomMatrix(4, 5, 8);
        CsrMatrix transposed = matrix.Transpose();
        Refused("right", () => SparseProduct.TopPerRow(matrix, matrix, new(), WorkerThreads.One));
        Refused("InnerWeights", () => Product(new() { InnerWeights = new float[5] }));
        Refused("RowFactors", () => Product(new() { RowFactors = new float[4] }));
        Refused("ColumnFactors", () => Product(new() { ColumnFactors = new float[4] }));
        Refused("EntriesPerRow", () => Product(new() { EntriesPerRow = 0 }));
        Refused("BlockRows", () => Product(new() { BlockRows = 0 }));

        void Product(SparseProductOptions options) =>
            SparseProduct.TopPerRow(transposed, matrix, options, WorkerThreads.One);

        static void Refused(string name, Action action) =>
            Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(action).ParamName);
    }

    [Fact]
    public void An_accumulator_lists_the_touched_columns_until_it_is_cleared()
    {
        SparseAccumulator sums = new(4);
        sums.Add(3, 1f);
        sums.Add(1, -1f);
        sums.Add(1, 1f);
        sums.AddRow(CsrMatrixTests.Build(1, 4, [(0, 0, 2f), (0, 3, 4f)]), 0, 10f);

        Assert.Equal([3, 1, 0], sums.Touched);
        Assert.Equal(41f, sums[3]);
        Assert.Equal(0f, sums[1]);

        sums.Clear();
        Assert.True(sums.Touched.IsEmpty);
        Assert.Equal(0f, sums[3]);
        sums.Add(3, 2f);
        Assert.Equal(2f, sums[3]);
        Assert.Throws<IndexOutOfRangeException>(() => sums.Add(4, 1f));
    }

    private static bool Shared(CsrMatrix items, int row, int column) =>
        items.RowColumns(row).ToArray().Intersect(items.RowColumns(column).ToArray()).Any();

    private static float[] Factors(int count, ulong seed)
    {
        SeededRandom random = new(seed);
        float[] factors = new float[count];
        for (int i = 0; i < count; i++)
        {
            factors[i] = 0.5f + random.NextSingle();
        }

        return factors;
    }

    private static CsrMatrix RandomMatrix(int rowCount, int columnCount, int entries)
    {
        SeededRandom random = new(7);
        CsrMatrixBuilder builder = new(rowCount, columnCount);
        for (int i = 0; i < entries; i++)
        {
            builder.Add(random.NextInt(rowCount), random.NextInt(columnCount), 0.1f + random.NextSingle());
        }

        return builder.Build();
    }
}
