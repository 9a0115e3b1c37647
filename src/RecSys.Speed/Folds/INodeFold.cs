using System.Buffers;
using RecSys.Core.Log;

namespace RecSys.Speed.Folds;

/// <summary>A fold over all or some partitions of the log, run by <see cref="FoldLoop"/> with one writer, under the loop's lock.</summary>
internal interface INodeFold
{
    /// <summary>Gets the name of the fold in the store.</summary>
    string Name { get; }

    /// <summary>Gets the position up to which the log is applied.</summary>
    LogPosition Position { get; }

    /// <summary>Gets whether the state changed since the last save; false if only the position did.</summary>
    bool HasChanged { get; }

    /// <summary>Waits until the folds that must apply a record before this one have applied it.</summary>
    ValueTask WaitForOthersAsync(RecordPosition record, CancellationToken cancellationToken);

    void Apply(int epoch, int partition, ReadOnlySpan<LogEntry> entries);

    /// <summary>Moves the position over offsets without a record, up to the one that is read next.</summary>
    void MoveTo(int epoch, int partition, long next);

    /// <summary>Returns the bytes of state and position, and marks the state as unchanged.</summary>
    ReadOnlySequence<byte> Encode();
}
