using CsCheck;
using Xunit;

namespace RecSys.Numerics.Tests;

public sealed class CsrMatrixTests
{
    // Multiples of a quarter, so that sums are exact in any order.
    private static readonly Gen<(int RowCount, int ColumnCount, (int Row, int Column, float Value)[] Entries)> Triples =
        Gen.Select(Gen.Int[1, 12], Gen.Int[1, 12]).SelectMany(
            (rows, columns) => Gen.Select(Gen.Int[0, rows - 1], Gen.Int[0, columns - 1], Gen.Int[-8, 8])
                .Select((row, column, quarters) => (row, column, quarters / 4f))
                .Array[0, 60]
                .Select(entries => (rows, columns, entries)));

    [Fact]
    public void A_built_matrix_has_the_sums_of_its_entries() =>
        Triples.Sample(given =>
        {
            CsrMatrix matrix = Build(given.RowCount, given.ColumnCount, given.Entries);
            float[,] dense = Dense(given.RowCount, given.ColumnCount, given.Entries);

            Assert.Equal(given.RowCount, matrix.RowCount);
            Assert.Equal(given.ColumnCount, matrix.ColumnCount);
            Assert.Equal(given.Entries.DistinctBy(entry => (entry.Row, entry.Column)).Count(), matrix.EntryCount);
            for (int row = 0; row < given.RowCount; row++)
            {
                int[] columns = [.. matrix.RowColumns(row)];
                Assert.Equal([.. columns.Distinct().Order()], columns);
                Assert.Equal(columns.Length, matrix.RowEntryCount(row));
                for (int column = 0; column < given.ColumnCount; column++)
                {
                    Assert.Equal(dense[row, column], matrix[row, column]);
                }
            }

            // The parts pass the checks of the public constructor.
            CsrMatrix copy = new(
                matrix.ColumnCount, [.. matrix.RowStarts], [.. matrix.Columns], [.. matrix.Values]);
            Assert.Equal(matrix.EntryCount, copy.EntryCount);
        });

    [Fact]
    public void Equal_places_are_summed_in_the_order_of_adding()
    {
        // 2²⁴ + 1 − 2²⁴: the 1 is lost when it comes second and kept when it comes last.
        CsrMatrixBuilder lost = new(1, 1);
        CsrMatrixBuilder kept = new(1, 1);
        foreach (float value in (float[])[16_777_216f, 1f, -16_777_216f])
        {
            lost.Add(0, 0, value);
        }

        foreach (float value in (float[])[16_777_216f, -16_777_216f, 1f])
        {
            kept.Add(0, 0, value);
        }

        Assert.Equal(0f, lost.Build()[0, 0]);
        Assert.Equal(1f, kept.Build()[0, 0]);
        Assert.Equal(1, kept.Build().EntryCount);
    }

    [Fact]
    public void Transposing_swaps_rows_and_columns() =>
        Triples.Sample(given =>
        {
            CsrMatrix matrix = Build(given.RowCount, given.ColumnCount, given.Entries);
            CsrMatrix transposed = matrix.Transpose();
            CsrMatrix expected = Build(
                given.ColumnCount,
                given.RowCount,
                [.. given.Entries.Select(entry => (entry.Column, entry.Row, entry.Value))]);

            Equal(expected, transposed);
            Equal(matrix, transposed.Transpose());
        });

    [Fact]
    public void Scaling_multiplies_by_row_and_column_factors()
    {
        CsrMatrix matrix = Build(2, 3, [(0, 0, 1f), (0, 2, 2f), (1, 2, 3f)]);

        Assert.Equal([20f, 120f, 270f], matrix.Scaled([2f, 3f], [10f, 20f, 30f]).Values);
        Assert.Equal([2f, 4f, 9f], matrix.Scaled([2f, 3f], []).Values);
        Assert.Equal([1f, 2f, 3f], matrix.Values);
        Assert.Equal([7f, 8f, 9f], matrix.WithValues([7f, 8f, 9f]).Values);
    }

    [Fact]
    public void Columns_are_summed()
    {
        CsrMatrix matrix = Build(2, 3, [(0, 0, 1f), (0, 2, 2f), (1, 2, 3f)]);
        double[] columns = new double[3];

        matrix.ColumnSums(columns);

        Assert.Equal([1.0, 0.0, 5.0], columns);
    }

    [Fact]
    public void An_empty_matrix_is_valid()
    {
        CsrMatrix none = new CsrMatrixBuilder(0, 0).Build();
        Assert.Equal(0, none.RowCount);
        Assert.Equal(0, none.Transpose().RowCount);

        CsrMatrix wide = new CsrMatrixBuilder(2, 5).Build();
        Assert.Equal(5, wide.Transpose().RowCount);
        Assert.True(wide.RowColumns(1).IsEmpty);
        Assert.Equal(0f, wide[1, 4]);
    }

    [Fact]
    public void Arrays_that_do_not_describe_a_matrix_are_refused_by_name()
    {
        Refused("values", () => _ = new CsrMatrix(2, [0, 1], [0], []));
        Refused("rowStarts", () => _ = new CsrMatrix(2, [], [], []));
        Refused("rowStarts", () => _ = new CsrMatrix(2, [1, 1], [0], [1f]));
        Refused("rowStarts", () => _ = new CsrMatrix(2, [0, 2], [0], [1f]));
        Refused("rowStarts", () => _ = new CsrMatrix(2, [0, 1, 0, 1], [0], [1f]));
        Refused("rowStarts", () => _ = new CsrMatrix(2, [0, 5, 1], [0], [1f]));
        Refused("columns", () => _ = new CsrMatrix(2, [0, 2], [1, 0], [1f, 1f]));
        Refused("columns", () => _ = new CsrMatrix(2, [0, 2], [1, 1], [1f, 1f]));
        Refused("columns", () => _ = new CsrMatrix(2, [0, 1], [2], [1f]));
        Refused("columns", () => _ = new CsrMatrix(2, [0, 1], [-1], [1f]));
        Refused("columnCount", () => _ = new CsrMatrix(-1, [0], [], []));
    }

    [Fact]
    public void Places_outside_are_refused_by_name()
    {
        CsrMatrix matrix = Build(2, 3, [(0, 0, 1f)]);
        Refused("row", () => matrix.RowColumns(2));
        Refused("row", () => matrix.RowValues(-1));
        Refused("column", () => _ = matrix[0, 3]);
        Refused("row", () => new CsrMatrixBuilder(2, 3).Add(2, 0, 1f));
        Refused("column", () => new CsrMatrixBuilder(2, 3).Add(0, -1, 1f));
        Refused("capacity", () => _ = new CsrMatrixBuilder(2, 3, -1));
        Refused("rowFactors", () => matrix.Scaled([1f], []));
        Refused("columnFactors", () => matrix.Scaled([], [1f]));
        Refused("values", () => matrix.WithValues([]));
        Refused("sums", () => matrix.ColumnSums(new double[2]));
    }

    internal static CsrMatrix Build(int rowCount, int columnCount, (int Row, int Column, float Value)[] entries)
    {
        CsrMatrixBuilder builder = new(rowCount, columnCount);
        foreach ((int row, int column, float value) in entries)
        {
            builder.Add(row, column, value);
        }

        Assert.Equal(entries.Length, builder.Count);
        return builder.Build();
    }

    internal static void Equal(CsrMatrix expected, CsrMatrix actual)
    {
        Assert.Equal(expected.ColumnCount, actual.ColumnCount);
        Assert.Equal(expected.RowStarts, actual.RowStarts);
        Assert.Equal(expected.Columns, actual.Columns);
        Assert.Equal(Numbers.Bits(expected.Values), Numbers.Bits(actual.Values));
    }

    private static float[,] Dense(int rowCount, int columnCount, (int Row, int Column, float Value)[] entries)
    {
        float[,] dense = new float[rowCount, columnCount];
        foreach ((int row, int column, float value) in entries)
        {
            dense[row, column] += value;
        }

        return dense;
    }

    private static void Refused(string name, Action action) =>
        Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(action).ParamName);
}
