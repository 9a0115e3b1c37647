namespace RecSys.Numerics;

/// <summary>Options of <see cref="SparseProduct.TopPerRow"/>: the entries to keep of a product, and their weights.</summary>
public sealed record SparseProductOptions
{
    /// <summary>The largest number of entries per row.</summary>
    public const int EntriesPerRowMax = 65_536;

    /// <summary>Entries to keep of each row, 1 to <see cref="EntriesPerRowMax"/>; default 200.</summary>
    public int EntriesPerRow
    {
        get;
        init
        {
            Throw.IfOutside(value, 1, EntriesPerRowMax, nameof(EntriesPerRow));
            field = value;
        }
    } = 200;

    /// <summary>Gets whether to keep entries whose column is their row; default false.</summary>
    public bool KeepDiagonal { get; init; }

    /// <summary>Scaled values below this are left out; default: none.</summary>
    public float Minimum { get; init; } = float.NegativeInfinity;

    /// <summary>Gets a factor for each inner index (column of the left matrix); empty, the default, for ones.</summary>
    public ReadOnlyMemory<float> InnerWeights { get; init; }

    /// <summary>Gets a factor for each row of the product; empty, the default, for ones.</summary>
    public ReadOnlyMemory<float> RowFactors { get; init; }

    /// <summary>Gets a factor for each column of the product; empty, the default, for ones. It counts in the choice.</summary>
    public ReadOnlyMemory<float> ColumnFactors { get; init; }

    /// <summary>Rows that a thread takes at a time, at least one; default 64. Never changes the result.</summary>
    public int BlockRows
    {
        get;
        init
        {
            Throw.IfOutside(value, 1, int.MaxValue, nameof(BlockRows));
            field = value;
        }
    } = 64;
}
