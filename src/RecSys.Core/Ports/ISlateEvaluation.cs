using System.Collections.Immutable;
using RecSys.Core.Catalogue;
using RecSys.Core.Models;

namespace RecSys.Core.Ports;

/// <summary>Creates slates for an evaluation, as the serving layer would create them with a model.</summary>
public interface ISlateEvaluation
{
    /// <summary>Returns an object that creates slates for users whose interactions are those that a function returns.</summary>
    /// <param name="model">The model; the caller owns it and keeps it open while slates are created.</param>
    /// <param name="catalogue">The known items; null if there are none, so that every item may be recommended.</param>
    /// <param name="historyOf">Returns the history of a user, by the user's row.</param>
    IEvaluatedSlates Open(ModelSnapshot model, ItemCatalogue? catalogue, Func<int, ImmutableArray<WeightedItem>> historyOf);
}

/// <summary>Creates the slates of one evaluation.</summary>
public interface IEvaluatedSlates : IDisposable
{
    /// <summary>Returns the slate of one user.</summary>
    /// <param name="row">The user's row.</param>
    /// <param name="count">The most items of the slate.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>Items, best first, without the items of the user's history.</returns>
    ValueTask<IReadOnlyList<ItemId>> SlateAsync(int row, int count, CancellationToken cancellationToken);
}

/// <summary>An item of a history and its weight there.</summary>
public readonly record struct WeightedItem(ItemId Item, float Weight);
