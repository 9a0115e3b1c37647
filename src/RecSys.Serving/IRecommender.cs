using System.Collections.Immutable;
using RecSys.Core;
using RecSys.Core.Ports;
using RecSys.Core.Slates;

namespace RecSys.Serving;

/// <summary>Recommends items: merges the batch view (the served model) and the speed view (profiles, trends) within one deadline.</summary>
/// <remarks>
/// Safe for concurrent use. A request is answered within <see cref="ServingOptions.Deadline"/> from the parts that are ready; the answer names the missing
/// ones. A request whose <c>Problem()</c> is not null is refused with an <see cref="ArgumentException"/>. A cancelled token ends
/// a request with an <see cref="OperationCanceledException"/>.
/// </remarks>
public interface IRecommender
{
    /// <summary>Returns a slate for a user or a session.</summary>
    /// <returns>A slate; an empty one with <see cref="ServedBy.Nothing"/> if no source could answer.</returns>
    /// <exception cref="OverloadedException">The request waited for <see cref="ServingOptions.RefusedAfterDeadlines"/> deadlines before it was passed on.</exception>
    ValueTask<Slate> RecommendAsync(SlateRequest request, CancellationToken cancellationToken);

    /// <summary>Returns items similar to an item.</summary>
    /// <returns>The items, most similar first; null for an item that is neither in the catalogue nor in the model nor in the trends.</returns>
    ValueTask<ItemList?> SimilarAsync(SimilarRequest request, CancellationToken cancellationToken);

    /// <summary>Returns the items with the strongest trend in the requested window, strongest first.</summary>
    ValueTask<ItemList> TrendingAsync(ItemListRequest request, CancellationToken cancellationToken);

    /// <summary>Returns the items that were added to the catalogue last, newest first.</summary>
    ValueTask<ItemList> LatestAsync(ItemListRequest request, CancellationToken cancellationToken);

    /// <summary>Returns the most popular items over all time, most popular first.</summary>
    ValueTask<ItemList> PopularAsync(ItemListRequest request, CancellationToken cancellationToken);

    /// <summary>Fills the shelves of a page, in their order; each item is on at most one shelf. All shelves share one deadline, and each reports its missing parts.</summary>
    /// <exception cref="OverloadedException">The request waited for <see cref="ServingOptions.RefusedAfterDeadlines"/> deadlines before it was passed on.</exception>
    ValueTask<ImmutableArray<Shelf>> PageAsync(PageRequest request, CancellationToken cancellationToken);

    /// <summary>Explains why an item is, or is not, in the slate that a request would get now.</summary>
    ValueTask<Explanation> ExplainAsync(SlateRequest request, ItemId item, CancellationToken cancellationToken);

    /// <summary>Explains an item of a recorded slate that was shown to the request's user. The explanation also has the item's outcome for the same request now.</summary>
    /// <returns>The explanation; null if no such slate of the user is recorded, or the slate does not contain the item.</returns>
    ValueTask<Explanation?> ExplainShownAsync(SlateRequest request, ItemId item, string recommendationId, CancellationToken cancellationToken);
}
