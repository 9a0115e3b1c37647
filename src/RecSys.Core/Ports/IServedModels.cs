using RecSys.Core.Models;

namespace RecSys.Core.Ports;

/// <summary>The models that are served now. A new one takes the old one's place with no pause; requests under way keep theirs.</summary>
/// <remarks>Safe for concurrent use; taking a lease never blocks.</remarks>
public interface IServedModels
{
    /// <summary>Raised after an alias's model was replaced. Handlers must return at once.</summary>
    event Action<string>? Changed;

    /// <summary>The champion, or null if there is none; dispose of it when the request is done.</summary>
    ModelLease? TryLease();

    /// <summary>The model of an alias, or null if there is none; dispose of it when the request is done.</summary>
    ModelLease? TryLease(string name);

    /// <summary>The card of the model that is served as the champion, or null if there is none.</summary>
    ModelCard? Champion { get; }

    /// <summary>Why another model than the champion is served, or null: the champion is, or there is none.</summary>
    ModelFallback? Fallback => null;
}
