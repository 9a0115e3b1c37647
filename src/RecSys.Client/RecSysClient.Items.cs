namespace RecSys.Client;

public sealed partial class RecSysClient
{
    /// <inheritdoc/>
    public Task<ItemResponse?> GetItemAsync(string itemId, CancellationToken cancellationToken = default) =>
        _transport.FindAsync(Read($"v1/items/{Segment(itemId)}"), Json.ItemResponse, cancellationToken);

    /// <inheritdoc/>
    public Task<ItemPage> GetItemsAsync(
        string? cursor = null,
        int? count = null,
        string? search = null,
        CancellationToken cancellationToken = default) =>
        _transport.SendAsync(
            Read(new RequestTarget("v1/items")
                .Add("cursor", cursor).Add("count", count).Add("q", search).ToString()),
            Json.ItemPage,
            cancellationToken);

    /// <inheritdoc/>
    public Task<AcceptedResponse> PutItemAsync(
        string itemId, ItemBody item, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(
            Write(HttpMethod.Put, $"v1/items/{Segment(itemId)}", item, Json.ItemBody, isRepeatable: true),
            Json.AcceptedResponse,
            cancellationToken);

    /// <inheritdoc/>
    public Task<AcceptedResponse> PatchItemAsync(
        string itemId, ItemBody item, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(
            Write(HttpMethod.Patch, $"v1/items/{Segment(itemId)}", item, Json.ItemBody, isRepeatable: true),
            Json.AcceptedResponse,
            cancellationToken);

    /// <inheritdoc/>
    public Task<AcceptedResponse> PatchItemsAsync(
        IReadOnlyList<ItemRow> items, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(
            Write(HttpMethod.Patch, "v1/items:batch", items, Json.IReadOnlyListItemRow, isRepeatable: true),
            Json.AcceptedResponse,
            cancellationToken);

    /// <inheritdoc/>
    public Task<AcceptedResponse> PutItemsAsync(
        IReadOnlyList<ItemRow> items, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(
            Write(HttpMethod.Post, "v1/items:batch", items, Json.IReadOnlyListItemRow, isRepeatable: true),
            Json.AcceptedResponse,
            cancellationToken);

    /// <inheritdoc/>
    public Task<AcceptedResponse> DeleteItemAsync(string itemId, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(Delete($"v1/items/{Segment(itemId)}"), Json.AcceptedResponse, cancellationToken);
}
