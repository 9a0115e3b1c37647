using RecSys.Core.Catalogue;
using RecSys.Core.Log;

namespace RecSys.Core.Ports;

/// <summary>The items that are known, folded on this node from the log's item records.</summary>
public interface IItemCatalogue
{
    /// <summary>Gets the catalogue: one object that the fold keeps up to date; each of its items is whole, and it can be read at any time.</summary>
    ItemCatalogue Current { get; }

    /// <summary>Waits until the fold has applied the log up to a position.</summary>
    /// <returns>False if the token was cancelled first.</returns>
    ValueTask<bool> WaitUntilAsync(LogPosition position, CancellationToken cancellationToken);
}
