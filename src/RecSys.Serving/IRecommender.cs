using RecSys.Core;
using RecSys.Core.Slates;

namespace RecSys.Serving;

/// <summary>Answers what to show: merges the batch view (the served model) and the speed view (profiles, trends) within one deadline.</summary>
/// <remarks>
/// Safe for concurrent use. Every request ends within <see cref="ServingOptions.Deadline"/> with what there is by then, and says what is
/// missing. A request whose <c>Problem()</c> is not null is refused with an <see cref="ArgumentException"/>. A cancelled token ends
/// a request with an <see cref="OperationCanceledException"/>.
/// </remarks>
public interface IRecommender
{
    /// <summary>A slate for a user or a session.</summary>
    /// <returns>A slate; an empty one of <see cref="ServedBy.Nothing"/> if nothing could answer.</returns>
    ValueTask<Slate> RecommendAsync(SlateRequest request, CancellationToken cancellationToken);

    /// <summary>Items similar to an item.</summary>
    /// <returns>Null for an item that neither the catalogue nor the model nor the trends know.</returns>
    ValueTask<ItemList?> SimilarAsync(SimilarRequest request, CancellationToken cancellationToken);

    /// <summary>What trends now.</summary>
    ValueTask<ItemList> TrendingAsync(ItemListRequest request, CancellationToken cancellationToken);

    /// <summary>The items that came into the catalogue last.</summary>
    ValueTask<ItemList> LatestAsync(ItemListRequest request, CancellationToken cancellationToken);

    /// <summary>The items most popular since the beginning.</summary>
    ValueTask<ItemList> PopularAsync(ItemListRequest request, CancellationToken cancellationToken);

    /// <summary>Why an item comes, or does not come, in the slate that a request would get now.</summary>
    ValueTask<Explanation> ExplainAsync(SlateRequest request, ItemId item, CancellationToken cancellationToken);
}
