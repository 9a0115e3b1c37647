namespace RecSys.Client;

public sealed partial class RecSysClient
{
    /// <inheritdoc/>
    public Task<HistoryResponse> GetHistoryAsync(
        string userId, int? count = null, string? after = null, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(
            Read(new RequestTarget($"v1/users/{Segment(userId)}/interactions")
                .Add("count", count).Add("after", after).ToString()),
            Json.HistoryResponse,
            cancellationToken);

    /// <inheritdoc/>
    public Task<UserResponse?> GetUserAsync(string userId, CancellationToken cancellationToken = default) =>
        _transport.FindAsync(Read($"v1/users/{Segment(userId)}"), Json.UserResponse, cancellationToken);

    /// <inheritdoc/>
    public Task<AcceptedResponse> PutUserAsync(
        string userId, UserBody user, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(
            Write(HttpMethod.Put, $"v1/users/{Segment(userId)}", user, Json.UserBody, isRepeatable: true),
            Json.AcceptedResponse,
            cancellationToken);

    /// <inheritdoc/>
    public Task<AcceptedResponse> PatchUserAsync(
        string userId, UserBody user, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(
            Write(HttpMethod.Patch, $"v1/users/{Segment(userId)}", user, Json.UserBody, isRepeatable: true),
            Json.AcceptedResponse,
            cancellationToken);

    /// <inheritdoc/>
    public Task<AcceptedResponse> PatchUsersAsync(
        IReadOnlyList<UserRow> users, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(
            Write(HttpMethod.Patch, "v1/users:batch", users, Json.IReadOnlyListUserRow, isRepeatable: true),
            Json.AcceptedResponse,
            cancellationToken);

    /// <inheritdoc/>
    public Task<AcceptedResponse> PutUsersAsync(
        IReadOnlyList<UserRow> users, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(
            Write(HttpMethod.Post, "v1/users:batch", users, Json.IReadOnlyListUserRow, isRepeatable: true),
            Json.AcceptedResponse,
            cancellationToken);

    /// <inheritdoc/>
    public Task<ErasureResponse> EraseUserAsync(string userId, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(Delete($"v1/users/{Segment(userId)}"), Json.ErasureResponse, cancellationToken);

    /// <inheritdoc/>
    public Task<ErasureResponse> EraseNamedUserAsync(string userId, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(userId);
        return _transport.SendAsync(
            Write(HttpMethod.Post, "v1/users:erase", new EraseBody { UserId = userId }, Json.EraseBody, isRepeatable: true),
            Json.ErasureResponse,
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<ErasureStatusResponse?> GetErasureAsync(string receipt, CancellationToken cancellationToken = default) =>
        _transport.FindAsync(Read($"v1/erasures/{Segment(receipt)}"), Json.ErasureStatusResponse, cancellationToken);

    /// <inheritdoc/>
    public Task<AcceptedResponse> MergeUsersAsync(
        string targetUserId, string fromUserId, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(fromUserId);
        return _transport.SendAsync(
            Write(
                HttpMethod.Post,
                $"v1/users/{Segment(targetUserId)}:merge",
                new MergeBody { From = fromUserId },
                Json.MergeBody,
                isRepeatable: true), // merging twice has the same result as once
            Json.AcceptedResponse,
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<Stream> ExportUserAsync(string userId, CancellationToken cancellationToken = default) =>
        _transport.OpenAsync(Read($"v1/users/{Segment(userId)}/export"), cancellationToken);
}
