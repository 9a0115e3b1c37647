using System.Collections.Immutable;
using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Core.Slates;
using RecSys.Core.Trends;
using RecSys.Serving.Pipeline;

namespace RecSys.Serving;

internal sealed partial class Recommender
{
    public ValueTask<ImmutableArray<Shelf>> PageAsync(PageRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        Require(request.Problem(), nameof(request));
        RequestClock clock = Begin(request.Waited);
        string? problem = Admit(clock, request.User is not null || request.After is not null);
        return problem is null
            ? AdmittedPageAsync(request, clock, cancellationToken)
            : new(Fill(request, new UserReading(null, request.After is null ? null : false, problem), clock, problem));
    }

    private async ValueTask<ImmutableArray<Shelf>> AdmittedPageAsync(PageRequest request, RequestClock clock, CancellationToken cancellationToken)
    {
        try
        {
            UserReading reading = await ReadAsync(request.User, request.After, clock, cancellationToken).ConfigureAwait(false);
            return Fill(request, reading, clock, problem: null);
        }
        finally
        {
            _admission.End();
        }
    }

    /// <summary>Fills the shelves one after the other, each without the items of the shelves before it. All shelves use one profile and share one deadline.</summary>
    private ImmutableArray<Shelf> Fill(PageRequest request, in UserReading reading, RequestClock clock, string? problem)
    {
        ImmutableArray<Shelf>.Builder shelves = ImmutableArray.CreateBuilder<Shelf>(request.Shelves.Length);
        List<ItemId> shown = [];
        StageTime read = new(ProfileStage, (clock.Elapsed - request.Waited).TotalMilliseconds);
        foreach (ShelfRequest shelf in request.Shelves)
        {
            SlateRequest slate = request.SlateOf(shelf);
            Shelf filled = shelf.Kind == ShelfKind.Recommended
                ? new Shelf(shelf.Name, RecommendedShelf(slate, reading, clock, read, problem, shown), null)
                : new Shelf(shelf.Name, null, ListShelf(shelf, slate, reading, clock, problem, shown));
            shelves.Add(filled);
            shown.AddRange((filled.Slate?.Items ?? filled.List!.Items).Select(item => item.Item));
        }

        return shelves.MoveToImmutable();
    }

    private Slate RecommendedShelf(SlateRequest request, in UserReading reading, RequestClock clock, StageTime read, string? problem, List<ItemId> shown)
    {
        Slate slate = problem is null ? Serve(request, reading, clock, _cache.ErasureCount, read, shown) : FromMemory(request, clock, problem, shown);
        _metrics.SlateCreated(slate, clock.Elapsed);
        return slate;
    }

    private ItemList ListShelf(ShelfRequest shelf, SlateRequest slate, in UserReading reading, RequestClock clock, string? problem, List<ItemId> shown)
    {
        if (shelf.Kind == ShelfKind.Similar)
        {
            SimilarRequest similar = new(shelf.Item!.Value) { Count = slate.Count, Category = slate.Category, User = slate.User };
            return problem is not null
                ? ListOf([], ServedBy.Nothing, [problem])
                : Similar(similar, reading, clock, [.. shown, .. slate.Exclude]) ?? ListOf([], ServedBy.Nothing, [$"the item '{shelf.Item}' is not known"]);
        }

        ItemList filled = CommonList(shelf, slate, reading, clock, shown);
        return (problem ?? reading.Problem) is { } missing
            ? filled with { ServedBy = filled.ServedBy == ServedBy.Full ? ServedBy.Reduced : filled.ServedBy, DegradedReasons = [.. filled.DegradedReasons, missing] }
            : filled;
    }

    /// <summary>Returns a trending, latest or popular list without the items that the request or the user's history excludes, and without those that the page already shows.</summary>
    private ItemList CommonList(ShelfRequest shelf, SlateRequest slate, in UserReading reading, RequestClock clock, List<ItemId> shown)
    {
        using SlateRun run = NewRun(slate, reading, clock, lease: null, shown);
        _pipeline.ReadHistory(run);
        ItemListRequest list = new() { Count = slate.Count, Category = slate.Category, Window = shelf.Window ?? TrendWindow.Day };
        return shelf.Kind switch
        {
            ShelfKind.Trending => ByTrends(list, list.Window, Feature.Trend, TrendingSource, run),
            ShelfKind.Popular => ByTrends(list, TrendWindow.AllTime, Feature.Popularity, PopularSource, run),
            _ => Latest(list, run),
        };
    }

    /// <summary>Returns whether an item may be in a list: the catalogue allows it and, on a page, neither the user's history, the request nor an earlier shelf excludes it.</summary>
    private bool MayBeListed(ItemListRequest request, long nowMs, ItemId id, SlateRun? run, out CatalogueItem? entry) =>
        CatalogueFilter.ReasonOf(_catalogue.Current, request.Category, nowMs, id, out entry) == FilterReason.None
        && run?.Scratch.Blocked.TryGet(run.KeyOf(id, out _), out _) != true;
}
