using RecSys.Core.Models;

namespace RecSys.Core.Ports;

/// <summary>The models that are served now. A new model replaces the old one without a pause; requests under way keep the model they leased.</summary>
/// <remarks>Safe for concurrent use; taking a lease never blocks.</remarks>
public interface IServedModels
{
    /// <summary>Raised after the model of an alias was replaced. Handlers must not block.</summary>
    event Action<string>? Changed;

    /// <summary>Leases the champion; null if there is none. Dispose of the lease when the request is done.</summary>
    ModelLease? TryLease();

    /// <summary>Leases the model of an alias; null if there is none. Dispose of the lease when the request is done.</summary>
    ModelLease? TryLease(string name);

    /// <summary>Gets the card of the model that is served as the champion, or null if there is none.</summary>
    ModelCard? Champion { get; }

    /// <summary>Gets why another model than the champion is served; null if the champion is served or there is none.</summary>
    ModelFallback? Fallback => null;
}
