using RecSys.Core.Log;

namespace RecSys.Speed.Folds;

/// <summary>Where a fold goes on reading.</summary>
internal static class FoldOffsets
{
    /// <summary>The offset after what a fold has of a partition; the beginning in an epoch that it has not begun.</summary>
    public static long After(LogPosition position, LogShape shape, int partition) =>
        position.Epoch == shape.Epoch ? position[partition] + 1 : 0;
}
