namespace RecSys.Numerics;

/// <summary>A block of consecutive rows.</summary>
/// <param name="Index">Position of the block, from 0.</param>
/// <param name="Start">The first row.</param>
/// <param name="End">The row after the last one.</param>
public readonly record struct RowBlock(int Index, int Start, int End)
{
    /// <summary>Gets the number of rows in the block, at least one.</summary>
    public int Count => End - Start;
}
