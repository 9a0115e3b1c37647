using RecSys.Core.Catalogue;
using RecSys.Core.Log;

namespace RecSys.Core.Ports;

/// <summary>The items that are known, folded on this node from the log's item records.</summary>
public interface IItemCatalogue
{
    /// <summary>The catalogue: one object that the fold goes on filling; each item in it is whole, and it is safe to read at any time.</summary>
    ItemCatalogue Current { get; }

    /// <summary>Waits until the fold has applied the log up to a position.</summary>
    /// <returns>False if the token was cancelled first.</returns>
    ValueTask<bool> WaitUntilAsync(LogPosition position, CancellationToken cancellationToken);
}
