using System.Collections.Immutable;
using RecSys.Client;
using RecSys.Core;
using RecSys.Core.Slates;
using RecSys.Core.Trends;
using RecSys.Server.Bodies;
using RecSys.Server.Edge;
using RecSys.Server.Problems;
using RecSys.Serving;

namespace RecSys.Server.Endpoints;

/// <summary>Endpoints for slates, lists of items, and explanations.</summary>
internal sealed class SlateEndpoints(IRecommender recommender, RequestBodies bodies, ServingTier tier, ThreadPoolDelay pool) : IEndpoints
{
    private static readonly IdParameter User =
        new("userId", "The user whose bought, liked, rated, disliked or hidden items are left out.");

    private static readonly TextParameter ShownIn =
        new("recommendationId", "The id of a slate that was shown to the user: the answer explains the item in that slate.", Limits.IdBytesMax);

    private static readonly ChoiceParameter Window =
        new("window", "The window of the trend: the half-life of the weights.", PageParser.WindowNames, "day");

    /// <inheritdoc/>
    public IEnumerable<Route> Routes =>
    [
        new("GET", "/v1/users/{userId}/recommendations", Role.Read, RecommendAsync)
        {
            Name = "getRecommendations",
            Tag = Tags.Recommendations,
            Summary = "Recommends items for a user",
            Description = "Answers within a deadline with the parts that are ready, and lists those that are missing. An unknown user gets a cold-start slate.",
            Query = [.. Parameters.Slate, Parameters.Next],
            Answer = typeof(RecommendationsResponse),
        },
        new("POST", "/v1/recommendations", Role.Read, RecommendByBodyAsync)
        {
            Name = "recommend",
            Tag = Tags.Recommendations,
            Summary = "Recommends items for a user, an anonymous session, a basket or a context, or ranks given candidates",
            Description = "With candidates (at most 1,000), the slate contains only these. count is the number of items of the page, by default all candidates up to 100; next is the cursor of the following page. "
                + "Filters apply to them as to all items. Unknown items are last and marked as unknown.",
            Body = new BodyDescription(typeof(RecommendationRequest)),
            Answer = typeof(RecommendationsResponse),
        },
        new("POST", "/v1/recommendations:batch", Role.Read, PageAsync)
        {
            Name = "getShelves",
            Tag = Tags.Recommendations,
            Summary = "Fills the shelves of one page; no item is on two of them",
            Description = "1 to 20 shelves of at most 500 items together, in order of priority: recommended items (by scenario or category, too), similar, trending, latest or popular ones. "
                + "All share one deadline, and each reports its missing parts. Lists leave out what the user has bought, as slates do.",
            Body = new BodyDescription(typeof(ShelvesRequest)),
            Answer = typeof(ShelvesResponse),
        },
        new("GET", "/v1/users/{userId}/recommendations/{itemId}/explanation", Role.Read, ExplainAsync)
        {
            Name = "explainRecommendation",
            Tag = Tags.Recommendations,
            Summary = "Explains why an item is, or is not, in a user's slate: every stage, and its outcome for the item",
            Description = "With recommendationId, the answer explains why the item was in that slate, as recorded when it was shown, and how the item's outcome has changed since. "
                + "404 if no such slate of the user is recorded, or it does not contain the item.",
            Query = [.. Parameters.Slate, ShownIn],
            Answer = typeof(ExplanationResponse),
        },
        new("GET", "/v1/items/{itemId}/similar", Role.Read, SimilarAsync)
        {
            Name = "getSimilarItems",
            Tag = Tags.Recommendations,
            Summary = "Returns items similar to an item",
            Query = [Parameters.Count, Parameters.Category, User],
            Answer = typeof(ItemsResponse),
        },
        new("GET", "/v1/trending", Role.Read, TrendingAsync)
        {
            Name = "getTrendingItems",
            Tag = Tags.Recommendations,
            Summary = "Returns trending items",
            Query = [Parameters.Count, Parameters.Category, Window],
            Answer = typeof(ItemsResponse),
        },
        new("GET", "/v1/latest", Role.Read, LatestAsync)
        {
            Name = "getLatestItems",
            Tag = Tags.Recommendations,
            Summary = "Returns the items added to the catalogue last",
            Query = [Parameters.Count, Parameters.Category],
            Answer = typeof(ItemsResponse),
        },
        new("GET", "/v1/popular", Role.Read, PopularAsync)
        {
            Name = "getPopularItems",
            Tag = Tags.Recommendations,
            Summary = "Returns the most popular items over all time",
            Query = [Parameters.Count, Parameters.Category],
            Answer = typeof(ItemsResponse),
        },
    ];

    private static SlateRequest RequestOf(Call call) => new()
    {
        User = call.User,
        Count = Parameters.Count.Read(call.Query.Of(Parameters.Count)),
        Category = call.Query.Of(Parameters.Category),
        Scenario = call.Query.Of(Parameters.Scenario),
        Exclude = [.. call.Query.AllOf(Parameters.Exclude).Select(id => new ItemId(id))],
        Seen = call.Query.Of(Parameters.Seen) is { } seen ? SeenRuleNames.Parse(seen) : null,
        Diversity = NumberParameter.Read(call.Query.Of(Parameters.Diversity)),
        Context = Parameters.ContextOf(call.Query),
        Cursor = call.Query.Of(Parameters.Next),
        After = call.After(Parameters.After),
    };

    private static ItemListRequest ListOf(Call call) => new()
    {
        Count = Parameters.Count.Read(call.Query.Of(Parameters.Count)),
        Category = call.Query.Of(Parameters.Category),
        Window = PageParser.WindowOf(call.Query.Of(Window)) ?? TrendWindow.Day,
    };

    private static Problem OfRequest(RequestProblem problem) => Problem.OfParameter(problem.Field, problem.Text);

    private Task<Problem?> RecommendAsync(Call call)
    {
        SlateRequest request = RequestOf(call);
        return request.Problem() is { } problem ? Task.FromResult<Problem?>(OfRequest(problem)) : AnswerAsync(call, request);
    }

    private async Task<Problem?> RecommendByBodyAsync(Call call)
    {
        (Problem? problem, SlateRequest request) = await bodies.ReadAsync<SlateRequest>(call.Http, RecommendationParser.TryRead).ConfigureAwait(false);
        return problem ?? await AnswerAsync(call, request).ConfigureAwait(false);
    }

    private async Task<Problem?> PageAsync(Call call)
    {
        (Problem? problem, PageRequest request) = await bodies.ReadAsync<PageRequest>(call.Http, PageParser.TryRead).ConfigureAwait(false);
        if (problem is not null)
        {
            return problem;
        }

        ImmutableArray<Shelf> shelves = await recommender.PageAsync(request with { Waited = pool.Current }, call.Aborted).ConfigureAwait(false);
        foreach (Shelf shelf in shelves)
        {
            if (shelf.Slate is { } slate)
            {
                tier.Set(slate.ServedBy);
            }
        }

        return await call.AnswerAsync(shelves, SlateJson.Write).ConfigureAwait(false);
    }

    private async Task<Problem?> AnswerAsync(Call call, SlateRequest request)
    {
        Slate slate = await recommender.RecommendAsync(request with { Waited = pool.Current }, call.Aborted).ConfigureAwait(false);
        tier.Set(slate.ServedBy);
        return slate.ServedBy == ServedBy.Nothing
            ? Nothing(slate.DegradedReasons)
            : await call.AnswerAsync(slate, SlateJson.Write).ConfigureAwait(false);
    }

    private async Task<Problem?> ExplainAsync(Call call)
    {
        SlateRequest request = RequestOf(call);
        if (request.Problem() is { } problem)
        {
            return OfRequest(problem);
        }

        ItemId item = call.Item(1);
        Explanation? explanation = call.Query.Of(ShownIn) is { } shownIn
            ? await recommender.ExplainShownAsync(request, item, shownIn, call.Aborted).ConfigureAwait(false)
            : await recommender.ExplainAsync(request, item, call.Aborted).ConfigureAwait(false);
        return explanation is null
            ? Problem.NotFound($"no slate '{call.Query.Of(ShownIn)}' of user '{request.User}' that contains item '{item}' is recorded; without recommendationId the current slate is explained")
            : await call.AnswerAsync(explanation, SlateJson.Write).ConfigureAwait(false);
    }

    private async Task<Problem?> SimilarAsync(Call call)
    {
        SimilarRequest request = new(call.Item(0))
        {
            Count = Parameters.Count.Read(call.Query.Of(Parameters.Count)),
            Category = call.Query.Of(Parameters.Category),
            User = UserId.TryCreate(call.Query.Of(User), out UserId user) ? user : null,
        };
        if (request.Problem() is { } problem)
        {
            return OfRequest(problem);
        }

        ItemList? list = await recommender.SimilarAsync(request, call.Aborted).ConfigureAwait(false);
        return list is null
            ? Problem.NotFound($"the item '{request.Item}' is unknown")
            : await AnswerAsync(call, list).ConfigureAwait(false);
    }

    private Task<Problem?> TrendingAsync(Call call) => ListAsync(call, recommender.TrendingAsync);

    private Task<Problem?> LatestAsync(Call call) => ListAsync(call, recommender.LatestAsync);

    private Task<Problem?> PopularAsync(Call call) => ListAsync(call, recommender.PopularAsync);

    private static async Task<Problem?> ListAsync(Call call, Func<ItemListRequest, CancellationToken, ValueTask<ItemList>> answer)
    {
        ItemListRequest request = ListOf(call);
        return request.Problem() is { } problem
            ? OfRequest(problem)
            : await AnswerAsync(call, await answer(request, call.Aborted).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private static async Task<Problem?> AnswerAsync(Call call, ItemList list) =>
        list.ServedBy == ServedBy.Nothing
            ? Nothing(list.DegradedReasons)
            : await call.AnswerAsync(list, SlateJson.Write).ConfigureAwait(false);

    private static Problem Nothing(IEnumerable<string> reasons) =>
        Problem.Unavailable($"no source could answer: {string.Join("; ", reasons)}");
}
