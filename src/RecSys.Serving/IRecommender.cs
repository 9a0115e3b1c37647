using System.Collections.Immutable;
using RecSys.Core;
using RecSys.Core.Slates;

namespace RecSys.Serving;

/// <summary>Recommends items: merges the batch view (the served model) and the speed view (profiles, trends) within one deadline.</summary>
/// <remarks>
/// Safe for concurrent use. Every request ends within <see cref="ServingOptions.Deadline"/> with the parts that are ready, and lists those that
/// are missing. A request whose <c>Problem()</c> is not null is refused with an <see cref="ArgumentException"/>. A cancelled token ends
/// a request with an <see cref="OperationCanceledException"/>.
/// </remarks>
public interface IRecommender
{
    /// <summary>Returns a slate for a user or a session.</summary>
    /// <returns>A slate; if no source could answer, an empty one of <see cref="ServedBy.Nothing"/>.</returns>
    ValueTask<Slate> RecommendAsync(SlateRequest request, CancellationToken cancellationToken);

    /// <summary>Returns items similar to an item.</summary>
    /// <returns>Null for an item that is neither in the catalogue nor in the model nor in the trends.</returns>
    ValueTask<ItemList?> SimilarAsync(SimilarRequest request, CancellationToken cancellationToken);

    /// <summary>Returns trending items.</summary>
    ValueTask<ItemList> TrendingAsync(ItemListRequest request, CancellationToken cancellationToken);

    /// <summary>Returns the items added to the catalogue last.</summary>
    ValueTask<ItemList> LatestAsync(ItemListRequest request, CancellationToken cancellationToken);

    /// <summary>Returns the items with the most interactions over all time.</summary>
    ValueTask<ItemList> PopularAsync(ItemListRequest request, CancellationToken cancellationToken);

    /// <summary>Fills the shelves of a page, in their order: each item is on at most one of them. All share one deadline; each reports its missing parts.</summary>
    ValueTask<ImmutableArray<Shelf>> PageAsync(PageRequest request, CancellationToken cancellationToken);

    /// <summary>Explains why an item is, or is not, in the slate that a request would get now.</summary>
    ValueTask<Explanation> ExplainAsync(SlateRequest request, ItemId item, CancellationToken cancellationToken);

    /// <summary>Explains an item of a slate that was shown to the request's user: as recorded, with its outcome now.</summary>
    /// <returns>Null if no such slate of the user is recorded, or it does not contain the item.</returns>
    ValueTask<Explanation?> ExplainShownAsync(SlateRequest request, ItemId item, string recommendationId, CancellationToken cancellationToken);
}
