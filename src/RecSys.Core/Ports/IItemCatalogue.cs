using RecSys.Core.Catalogue;
using RecSys.Core.Log;

namespace RecSys.Core.Ports;

/// <summary>The known items, folded on this node from the log's item records.</summary>
public interface IItemCatalogue
{
    /// <summary>Gets the catalogue: always the same object, which the fold updates. It can be read at any time, and a reader sees each item as a whole.</summary>
    ItemCatalogue Current { get; }

    /// <summary>Waits until the fold has applied the log up to a position.</summary>
    /// <returns>False if the token was cancelled first, or if the log is known to end before the position.</returns>
    ValueTask<bool> WaitUntilAsync(LogPosition position, CancellationToken cancellationToken);
}
