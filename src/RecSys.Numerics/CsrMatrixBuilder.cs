namespace RecSys.Numerics;

/// <summary>Collects entries in any order and builds a <see cref="CsrMatrix"/> of them.</summary>
/// <remarks>
/// Entries at the same place are summed in the order in which they were added, in single precision. Takes time and
/// memory in proportion to the entries. Not safe for several threads.
/// </remarks>
public sealed class CsrMatrixBuilder
{
    private readonly int _rowCount;
    private readonly int _columnCount;
    private int[] _rows;
    private int[] _columns;
    private float[] _values;

    /// <summary>Creates an empty builder.</summary>
    /// <param name="rowCount">Number of rows of the matrix, 0 or more.</param>
    /// <param name="columnCount">Number of columns of the matrix, 0 or more.</param>
    /// <param name="capacity">Initial capacity, in entries.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative or too large.</exception>
    public CsrMatrixBuilder(int rowCount, int columnCount, int capacity = 0)
    {
        Throw.IfOutside(rowCount, 0, Array.MaxLength - 1, nameof(rowCount));
        Throw.IfOutside(columnCount, 0, Array.MaxLength - 1, nameof(columnCount));
        Throw.IfOutside(capacity, 0, CsrMatrix.EntriesMax, nameof(capacity));
        _rowCount = rowCount;
        _columnCount = columnCount;
        _rows = new int[capacity];
        _columns = new int[capacity];
        _values = new float[capacity];
    }

    /// <summary>Gets the number of entries added so far.</summary>
    public int Count { get; private set; }

    /// <summary>Adds an entry, or adds to the existing one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such place.</exception>
    /// <exception cref="InvalidOperationException">The matrix is full.</exception>
    public void Add(int row, int column, float value)
    {
        if ((uint)row >= (uint)_rowCount)
        {
            Throw.OutOfRange(nameof(row), row, 0, _rowCount - 1);
        }

        if ((uint)column >= (uint)_columnCount)
        {
            Throw.OutOfRange(nameof(column), column, 0, _columnCount - 1);
        }

        if (Count == _values.Length)
        {
            Grow();
        }

        _rows[Count] = row;
        _columns[Count] = column;
        _values[Count] = value;
        Count++;
    }

    /// <summary>Returns the matrix of the entries. The builder keeps them.</summary>
    public CsrMatrix Build()
    {
        // Ordered by column, then by row with the order of columns kept: a radix sort of two digits.
        int[] byColumn = Order(_columns.AsSpan(0, Count), _columnCount, previous: null);
        int[] order = Order(_rows.AsSpan(0, Count), _rowCount, byColumn);

        int[] rowStarts = new int[_rowCount + 1];
        int[] columns = new int[Count];
        float[] values = new float[Count];
        int end = 0;
        int next = 0;
        for (int row = 0; row < _rowCount; row++)
        {
            int start = end;
            for (; next < order.Length && _rows[order[next]] == row; next++)
            {
                int added = order[next];
                if (end > start && columns[end - 1] == _columns[added])
                {
                    values[end - 1] += _values[added];
                }
                else
                {
                    columns[end] = _columns[added];
                    values[end] = _values[added];
                    end++;
                }
            }

            rowStarts[row + 1] = end;
        }

        if (end < Count)
        {
            Array.Resize(ref columns, end);
            Array.Resize(ref values, end);
        }

        return CsrMatrix.FromChecked(_columnCount, rowStarts, columns, values);
    }

    // A stable counting sort: positions of the keys in ascending order of key.
    private static int[] Order(ReadOnlySpan<int> keys, int keyCount, int[]? previous)
    {
        int[] next = new int[keyCount + 1];
        foreach (int key in keys)
        {
            next[key + 1]++;
        }

        for (int key = 0; key < keyCount; key++)
        {
            next[key + 1] += next[key];
        }

        int[] order = new int[keys.Length];
        for (int i = 0; i < keys.Length; i++)
        {
            int at = previous is null ? i : previous[i];
            order[next[keys[at]]++] = at;
        }

        return order;
    }

    private void Grow()
    {
        if (Count == CsrMatrix.EntriesMax)
        {
            throw new InvalidOperationException($"a sparse matrix has at most {CsrMatrix.EntriesMax} entries");
        }

        int capacity = (int)Math.Min(Math.Max(16L, 2L * Count), CsrMatrix.EntriesMax);
        Array.Resize(ref _rows, capacity);
        Array.Resize(ref _columns, capacity);
        Array.Resize(ref _values, capacity);
    }
}
