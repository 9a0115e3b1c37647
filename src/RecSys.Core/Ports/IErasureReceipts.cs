using RecSys.Core.Log;

namespace RecSys.Core.Ports;

/// <summary>Reports the progress of a person's erasure, place by place; the same on every node.</summary>
public interface IErasureReceipts
{
    /// <summary>Finds an erasure.</summary>
    /// <param name="owner">Owner of the erased states.</param>
    /// <param name="record">Offset of the erasure's record in the first partition of the log.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    /// <returns>The progress, or null if there is no such erasure.</returns>
    /// <exception cref="StoreUnavailableException">The log or the control store cannot be reached.</exception>
    ValueTask<ErasureProgress?> GetAsync(Owner owner, RecordPosition record, CancellationToken cancellationToken);
}

/// <summary>Progress of a person's erasure.</summary>
/// <param name="IsDone">Whether the person's data is erased from every place.</param>
/// <param name="Places">The places that store data of persons, each with the name in <see cref="IErasable.Place"/>.</param>
/// <param name="Problem">Why bytes of the person may remain although every place was cleared, and the remedy; null if there is no known reason. With a problem the erasure is never done.</param>
/// <remarks>invariant: not (IsDone and Problem is not null).</remarks>
public sealed record ErasureProgress(bool IsDone, IReadOnlyList<ErasedPlace> Places, string? Problem = null)
{
    /// <summary>Gets the addresses of the nodes that have not cleared their own places yet; a node that does not run does so when it starts again.</summary>
    public IReadOnlyList<string> WaitsFor { get; init; } = [];

    /// <summary>Gets which bytes of the person remain outside this program's control even when the erasure is done, and until when: <see cref="IErasable.Remains"/> of the places.</summary>
    public IReadOnlyList<string> Remains { get; init; } = [];
}

/// <summary>A place from which a person is erased.</summary>
/// <param name="Place">Name of the place.</param>
/// <param name="Removed">Number of removed records or rows; the sum over all nodes if each node has such a place.</param>
/// <param name="DoneAtMs">Time of the erasure, in milliseconds since 1970, UTC; null if it is not done on every node.</param>
public readonly record struct ErasedPlace(string Place, long Removed, long? DoneAtMs);
