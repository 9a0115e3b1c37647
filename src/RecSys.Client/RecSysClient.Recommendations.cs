namespace RecSys.Client;

public sealed partial class RecSysClient
{
    /// <inheritdoc/>
    public Task<RecommendationsResponse> GetRecommendationsAsync(
        string userId,
        int? count = null,
        string? category = null,
        string? scenario = null,
        string? cursor = null,
        string? after = null,
        string? seen = null,
        CancellationToken cancellationToken = default) =>
        _transport.SendAsync(
            Read(new RequestTarget($"v1/users/{Segment(userId)}/recommendations")
                .Add("count", count).Add("category", category).Add("scenario", scenario)
                .Add("next", cursor).Add("after", after).Add("seen", seen).ToString()),
            Json.RecommendationsResponse,
            cancellationToken);

    /// <inheritdoc/>
    public Task<RecommendationsResponse> RecommendAsync(
        RecommendationRequest request, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(
            Write(HttpMethod.Post, "v1/recommendations", request, Json.RecommendationRequest, isRepeatable: true),
            Json.RecommendationsResponse,
            cancellationToken);

    /// <inheritdoc/>
    public Task<ShelvesResponse> GetShelvesAsync(ShelvesRequest request, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(
            Write(HttpMethod.Post, "v1/recommendations:batch", request, Json.ShelvesRequest, isRepeatable: true),
            Json.ShelvesResponse,
            cancellationToken);

    /// <inheritdoc/>
    public Task<ItemsResponse> GetSimilarAsync(
        string itemId,
        int? count = null,
        string? category = null,
        string? userId = null,
        CancellationToken cancellationToken = default) =>
        _transport.SendAsync(
            Read(new RequestTarget($"v1/items/{Segment(itemId)}/similar")
                .Add("count", count).Add("category", category).Add("userId", userId).ToString()),
            Json.ItemsResponse,
            cancellationToken);

    /// <inheritdoc/>
    public Task<ItemsResponse> GetTrendingAsync(
        string? category = null,
        int? count = null,
        string? window = null,
        CancellationToken cancellationToken = default) =>
        _transport.SendAsync(
            Read(new RequestTarget("v1/trending")
                .Add("category", category).Add("count", count).Add("window", window).ToString()),
            Json.ItemsResponse,
            cancellationToken);

    /// <inheritdoc/>
    public Task<ItemsResponse> GetLatestAsync(
        string? category = null, int? count = null, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(
            Read(new RequestTarget("v1/latest").Add("category", category).Add("count", count).ToString()),
            Json.ItemsResponse,
            cancellationToken);

    /// <inheritdoc/>
    public Task<ItemsResponse> GetPopularAsync(
        string? category = null, int? count = null, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(
            Read(new RequestTarget("v1/popular").Add("category", category).Add("count", count).ToString()),
            Json.ItemsResponse,
            cancellationToken);

    /// <inheritdoc/>
    public Task<ExplanationResponse> ExplainAsync(
        string userId, string itemId, string? recommendationId = null, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(
            Read(new RequestTarget($"v1/users/{Segment(userId)}/recommendations/{Segment(itemId)}/explanation")
                .Add("recommendationId", recommendationId).ToString()),
            Json.ExplanationResponse,
            cancellationToken);
}
