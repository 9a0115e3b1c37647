using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace RecSys.Numerics;

/// <summary>
/// A sparse matrix of floats, compressed by rows. Immutable; safe for concurrent use.
/// </summary>
/// <remarks>
/// The entries of a row have strictly ascending columns. A stored zero is an entry. Created by
/// <see cref="CsrMatrixBuilder"/> or from arrays.
/// </remarks>
public sealed partial class CsrMatrix
{
    /// <summary>The largest number of entries of a matrix, which is the length of one array.</summary>
    public static readonly int EntriesMax = Array.MaxLength;

    // invariant: _rowStarts[0] = 0, _rowStarts[r] <= _rowStarts[r + 1], _rowStarts[RowCount] = _columns.Length = _values.Length
    // invariant: 0 <= _columns[i] < ColumnCount, and _columns[i] < _columns[i + 1] within a row
    private readonly int[] _rowStarts;
    private readonly int[] _columns;
    private readonly float[] _values;

    /// <summary>Creates a matrix over arrays, which must not be changed afterwards.</summary>
    /// <param name="columnCount">Number of columns; 0 is allowed.</param>
    /// <param name="rowStarts">Start of each row's entries, and the end of the last row's: one value more than rows.</param>
    /// <param name="columns">Column of each entry; strictly ascending in a row.</param>
    /// <param name="values">Value of each entry.</param>
    /// <exception cref="ArgumentException">The arrays do not describe a matrix; the message has the place.</exception>
    public CsrMatrix(int columnCount, int[] rowStarts, int[] columns, float[] values)
        : this(columnCount, rowStarts, columns, values, isChecked: false)
    {
    }

    private CsrMatrix(int columnCount, int[] rowStarts, int[] columns, float[] values, bool isChecked)
    {
        if (!isChecked)
        {
            Check(columnCount, rowStarts, columns, values);
        }

        Debug.Assert(
            rowStarts.Length > 0 && rowStarts[0] == 0 && rowStarts[^1] == columns.Length && columns.Length == values.Length,
            "the lengths of a matrix's arrays do not match");
        ColumnCount = columnCount;
        _rowStarts = rowStarts;
        _columns = columns;
        _values = values;
    }

    /// <summary>Gets the number of rows.</summary>
    public int RowCount => _rowStarts.Length - 1;

    /// <summary>Gets the number of columns.</summary>
    public int ColumnCount { get; }

    /// <summary>Gets the number of entries in all rows.</summary>
    public int EntryCount => _columns.Length;

    /// <summary>Gets the start of each row's entries, and the end of the last row's.</summary>
    public ReadOnlySpan<int> RowStarts => _rowStarts;

    /// <summary>Gets the columns of all entries, row after row.</summary>
    public ReadOnlySpan<int> Columns => _columns;

    /// <summary>Gets the values of all entries, row after row.</summary>
    public ReadOnlySpan<float> Values => _values;

    /// <summary>Returns the number of entries of one row.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public int RowEntryCount(int row)
    {
        RequireRow(row);
        return _rowStarts[row + 1] - _rowStarts[row];
    }

    /// <summary>Returns the columns of one row's entries, ascending.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public ReadOnlySpan<int> RowColumns(int row)
    {
        RequireRow(row);
        return _columns.AsSpan(_rowStarts[row], _rowStarts[row + 1] - _rowStarts[row]);
    }

    /// <summary>Returns the values of one row's entries.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public ReadOnlySpan<float> RowValues(int row)
    {
        RequireRow(row);
        return _values.AsSpan(_rowStarts[row], _rowStarts[row + 1] - _rowStarts[row]);
    }

    /// <summary>Gets the value at a place, zero if there is no entry. Searches the row.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such place.</exception>
    public float this[int row, int column]
    {
        get
        {
            Throw.IfOutside(column, 0, ColumnCount - 1, nameof(column));
            int at = RowColumns(row).BinarySearch(column);
            return at < 0 ? 0f : RowValues(row)[at];
        }
    }

    /// <summary>Returns a matrix of the same entries with other values.</summary>
    /// <param name="values">One value per entry; the caller must not change the array afterwards.</param>
    /// <exception cref="ArgumentException">There are more or fewer values than entries.</exception>
    public CsrMatrix WithValues(float[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        Throw.IfLengthIsNot(values.Length, EntryCount, nameof(values));
        return new CsrMatrix(ColumnCount, _rowStarts, _columns, values, isChecked: true);
    }

    /// <summary>Returns a matrix of every value times the factor of its row, times the factor of its column, in this order.</summary>
    /// <param name="rowFactors">One factor per row, or empty for all 1.</param>
    /// <param name="columnFactors">One factor per column, or empty for all 1.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public CsrMatrix Scaled(ReadOnlySpan<float> rowFactors, ReadOnlySpan<float> columnFactors)
    {
        RequireFactors(rowFactors.Length, RowCount, nameof(rowFactors));
        RequireFactors(columnFactors.Length, ColumnCount, nameof(columnFactors));
        float[] scaled = new float[EntryCount];
        for (int row = 0; row < RowCount; row++)
        {
            float rowFactor = rowFactors.IsEmpty ? 1f : rowFactors[row];
            for (int entry = _rowStarts[row]; entry < _rowStarts[row + 1]; entry++)
            {
                float columnFactor = columnFactors.IsEmpty ? 1f : columnFactors[_columns[entry]];
                scaled[entry] = _values[entry] * rowFactor * columnFactor;
            }
        }

        return new CsrMatrix(ColumnCount, _rowStarts, _columns, scaled, isChecked: true);
    }

    /// <summary>Writes the sum of each column, in double precision and in row order.</summary>
    /// <exception cref="ArgumentException"><paramref name="sums"/> does not have one value per column.</exception>
    public void ColumnSums(Span<double> sums)
    {
        Throw.IfLengthIsNot(sums.Length, ColumnCount, nameof(sums));
        sums.Clear();
        for (int entry = 0; entry < _columns.Length; entry++)
        {
            sums[_columns[entry]] += _values[entry];
        }
    }

    /// <summary>Returns the transposed matrix.</summary>
    public CsrMatrix Transpose()
    {
        int[] starts = new int[ColumnCount + 1];
        foreach (int column in _columns)
        {
            starts[column + 1]++;
        }

        for (int column = 0; column < ColumnCount; column++)
        {
            starts[column + 1] += starts[column];
        }

        int[] next = starts.AsSpan(0, ColumnCount).ToArray();
        int[] rows = new int[EntryCount];
        float[] values = new float[EntryCount];
        for (int row = 0; row < RowCount; row++)
        {
            for (int entry = _rowStarts[row]; entry < _rowStarts[row + 1]; entry++)
            {
                int to = next[_columns[entry]]++;
                rows[to] = row;
                values[to] = _values[entry];
            }
        }

        return new CsrMatrix(RowCount, starts, rows, values, isChecked: true);
    }

    internal static CsrMatrix FromChecked(int columnCount, int[] rowStarts, int[] columns, float[] values) =>
        new(columnCount, rowStarts, columns, values, isChecked: true);

    private static void RequireFactors(int length, int count, string name)
    {
        if (length != 0)
        {
            Throw.IfLengthIsNot(length, count, name);
        }
    }

    private void RequireRow(int row)
    {
        if ((uint)row >= (uint)RowCount)
        {
            Throw.OutOfRange(nameof(row), row, 0, RowCount - 1);
        }
    }

    [SuppressMessage("Design", "CA1062", Justification = "All three are checked first.")]
    private static void Check(int columnCount, int[] rowStarts, int[] columns, float[] values)
    {
        ArgumentNullException.ThrowIfNull(rowStarts);
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(values);
        Throw.IfOutside(columnCount, 0, int.MaxValue, nameof(columnCount));
        Throw.IfLengthIsNot(values.Length, columns.Length, nameof(values));
        if (rowStarts.Length == 0 || rowStarts[0] != 0 || rowStarts[^1] != columns.Length)
        {
            Throw.Argument(nameof(rowStarts), $"row starts must begin with 0 and end with {columns.Length}, the number of entries");
        }

        for (int row = 0; row + 1 < rowStarts.Length; row++)
        {
            if (rowStarts[row + 1] < rowStarts[row] || rowStarts[row + 1] > columns.Length)
            {
                Throw.Argument(nameof(rowStarts), $"row starts descend after row {row}");
            }

            int before = -1;
            for (int entry = rowStarts[row]; entry < rowStarts[row + 1]; entry++)
            {
                int column = columns[entry];
                if (column <= before || column >= columnCount)
                {
                    Throw.Argument(
                        nameof(columns),
                        $"row {row} has column {column} after {before}: columns must ascend and be below {columnCount}");
                }

                before = column;
            }
        }
    }
}
