using RecSys.Core.Log;

namespace RecSys.Core.Ports;

/// <summary>A place that stores data of persons, and can remove the data of one.</summary>
/// <remarks>Called for each <see cref="LogRecord.PersonErased"/>, and again after a crash: repeating an erasure is harmless.</remarks>
public interface IErasable
{
    /// <summary>Gets the name of the place in receipts.</summary>
    string Place { get; }

    /// <summary>Gets whether all nodes of a cluster share the place, so that one node clears it. If not, every node clears its own place, after the shared places.</summary>
    bool IsShared => false;

    /// <summary>Gets which bytes of erased persons remain outside this program's control, and until when, in one sentence for receipts; null if none do.</summary>
    string? Remains => null;

    /// <summary>Removes every byte of a person's id and history up to a position; the removal is durable, including that from files, when the task completes.</summary>
    /// <returns>The number of removed records or rows.</returns>
    ValueTask<long> EraseAsync(Owner owner, LogPosition upTo, CancellationToken cancellationToken);
}
