using System.Collections.Immutable;
using RecSys.Core.Catalogue;
using RecSys.Core.Models;

namespace RecSys.Core.Ports;

/// <summary>Makes the slates that the serving layer would make of a model, so that an evaluation judges them too.</summary>
public interface ISlateEvaluation
{
    /// <summary>Returns a maker of slates for users with the interactions that a function returns, and no others.</summary>
    /// <param name="model">The model; the caller's, and open while slates are made.</param>
    /// <param name="catalogue">The items that are known; null: none, so that all may be recommended.</param>
    /// <param name="historyOf">Returns a user's history by the user's row.</param>
    IEvaluatedSlates Open(ModelSnapshot model, ItemCatalogue? catalogue, Func<int, ImmutableArray<WeightedItem>> historyOf);
}

/// <summary>Makes the slates of one evaluation.</summary>
public interface IEvaluatedSlates : IDisposable
{
    /// <summary>Makes the slate of one user.</summary>
    /// <param name="row">The user's row.</param>
    /// <param name="count">The most items wanted.</param>
    /// <param name="cancellationToken">Ends the ranking.</param>
    /// <returns>Items, best first; none of the user's history among them.</returns>
    ValueTask<IReadOnlyList<ItemId>> SlateAsync(int row, int count, CancellationToken cancellationToken);
}

/// <summary>An item of a history and its weight there.</summary>
public readonly record struct WeightedItem(ItemId Item, float Weight);
