using RecSys.Core.Log;

namespace RecSys.Core.Ports;

/// <summary>How far the erasure of a person is, place by place.</summary>
public interface IErasureReceipts
{
    /// <summary>Finds an erasure.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="record">Where its record stands in the first partition of the log.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>How far it is, or null if no such erasure is known.</returns>
    ValueTask<ErasureProgress?> GetAsync(Owner owner, RecordPosition record, CancellationToken cancellationToken);
}

/// <summary>How far the erasure of a person is.</summary>
/// <param name="IsDone">Whether nothing of the person is left anywhere.</param>
/// <param name="Places">The places that hold something of persons, each named as <see cref="IErasable.Place"/>.</param>
public sealed record ErasureProgress(bool IsDone, IReadOnlyList<ErasedPlace> Places);

/// <summary>One place that is being rid of a person.</summary>
/// <param name="Place">Its name.</param>
/// <param name="Removed">How many records or rows were removed.</param>
/// <param name="DoneAtMs">When it was done, in milliseconds since 1970, UTC; null if it is not.</param>
public readonly record struct ErasedPlace(string Place, long Removed, long? DoneAtMs);
