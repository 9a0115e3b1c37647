namespace RecSys.Numerics;

/// <summary>Options of <see cref="SparseProduct.TopPerRow"/>: the entries to keep of a product, and their weights.</summary>
public sealed record SparseProductOptions
{
    /// <summary>The largest number of entries per row.</summary>
    public const int EntriesPerRowMax = 65_536;

    /// <summary>Gets the number of entries to keep of each row, 1 to <see cref="EntriesPerRowMax"/>; default 200.</summary>
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

    /// <summary>Gets the minimum: entries whose scaled value is below it are left out; default: none is.</summary>
    public float Minimum { get; init; } = float.NegativeInfinity;

    /// <summary>Gets a factor for each inner index (column of the left matrix); empty, the default, for ones.</summary>
    public ReadOnlyMemory<float> InnerWeights { get; init; }

    /// <summary>Gets a factor for each row of the product; empty, the default, for ones.</summary>
    public ReadOnlyMemory<float> RowFactors { get; init; }

    /// <summary>Gets a factor for each column of the product; empty, the default, for ones. The entries are chosen by the scaled values.</summary>
    public ReadOnlyMemory<float> ColumnFactors { get; init; }

    /// <summary>Gets the number of rows that a thread computes at a time, at least 1; default 64. It does not change the result.</summary>
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
