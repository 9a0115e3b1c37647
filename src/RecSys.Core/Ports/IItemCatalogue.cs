using RecSys.Core.Catalogue;
using RecSys.Core.Log;

namespace RecSys.Core.Ports;

/// <summary>The items that are known, folded on this node from the log's item records.</summary>
public interface IItemCatalogue
{
    /// <summary>The catalogue as it is now: immutable, cheap to take, one a request.</summary>
    ItemCatalogue Current { get; }

    /// <summary>Waits until the fold has applied the log up to a position.</summary>
    /// <returns>False if the token was cancelled first.</returns>
    ValueTask<bool> WaitUntilAsync(LogPosition position, CancellationToken cancellationToken);
}
