using RecSys.Core.Log;

namespace RecSys.Speed.Folds;

/// <summary>Computes the offset at which a fold continues to read.</summary>
internal static class FoldOffsets
{
    /// <summary>Returns the offset after the fold's newest record of a partition; the beginning of an epoch that it has not read.</summary>
    public static long After(LogPosition position, LogShape shape, int partition) =>
        position.Epoch == shape.Epoch ? position[partition] + 1 : 0;
}
