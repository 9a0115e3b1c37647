using System.Runtime.CompilerServices;

namespace RecSys.Numerics;

/// <summary>
/// A sparse vector that is being summed up: dense storage and the list of the columns that were touched, so that
/// adding costs a few instructions and clearing costs only what was added. Scratch for one thread.
/// </summary>
/// <remarks>Uses 9 bytes per column; nothing is allocated after construction.</remarks>
public sealed class SparseAccumulator
{
    private readonly float[] _values;
    private readonly bool[] _isTouched;
    private readonly int[] _touched;
    private int _count;

    /// <summary>Creates an empty accumulator.</summary>
    /// <param name="columnCount">Number of columns, 0 or more.</param>
    public SparseAccumulator(int columnCount)
    {
        Throw.IfOutside(columnCount, 0, Array.MaxLength, nameof(columnCount));
        _values = new float[columnCount];
        _isTouched = new bool[columnCount];
        _touched = new int[columnCount];
    }

    /// <summary>Gets the number of columns.</summary>
    public int ColumnCount => _values.Length;

    /// <summary>Gets the columns that were added to, in the order in which they first were.</summary>
    public ReadOnlySpan<int> Touched => _touched.AsSpan(0, _count);

    /// <summary>Gets the sum of a column; zero where nothing was added.</summary>
    /// <exception cref="IndexOutOfRangeException">There is no such column.</exception>
    public float this[int column] => _values[column];

    /// <summary>Adds a value to a column.</summary>
    /// <exception cref="IndexOutOfRangeException">There is no such column.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int column, float value)
    {
        if (!_isTouched[column])
        {
            _isTouched[column] = true;
            _touched[_count++] = column;
        }

        _values[column] += value;
    }

    /// <summary>Adds a row of a matrix, times a weight.</summary>
    /// <exception cref="ArgumentException">There is no such row, or the matrix has another number of columns.</exception>
    public void AddRow(CsrMatrix matrix, int row, float weight)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        Throw.IfLengthIsNot(matrix.ColumnCount, ColumnCount, nameof(matrix));
        ReadOnlySpan<int> columns = matrix.RowColumns(row);
        ReadOnlySpan<float> values = matrix.RowValues(row);
        for (int entry = 0; entry < columns.Length; entry++)
        {
            Add(columns[entry], weight * values[entry]);
        }
    }

    /// <summary>Removes all sums.</summary>
    public void Clear()
    {
        foreach (int column in Touched)
        {
            _values[column] = 0f;
            _isTouched[column] = false;
        }

        _count = 0;
    }
}
