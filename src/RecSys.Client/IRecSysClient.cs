namespace RecSys.Client;

/// <summary>The API of a RecSys server.</summary>
/// <remarks>
/// <para>Safe for concurrent use.</para>
/// <para>
/// Ids are the caller's opaque strings of 1 to 512 bytes of UTF-8 and may contain any character except U+0000; <c>.</c> and
/// <c>..</c> are refused. An invalid id causes an <see cref="ArgumentException"/>.
/// </para>
/// <para>
/// Every call may throw a <see cref="RecSysException"/>: the server refused it, or did not answer within
/// <see cref="RecSysClientOptions.Timeout"/>. Reads, and writes that are safe to repeat, are retried when the
/// server is busy (429 or 503) or the connection fails. Other calls are retried only if no connection to the server was made.
/// </para>
/// <para>A parameter that is <see langword="null"/> takes the server's default.</para>
/// </remarks>
public interface IRecSysClient
{
    /// <summary>Records one interaction; returns once it is durable.</summary>
    /// <remarks>Without an id it is given one before the first try, so that a retry counts once.</remarks>
    Task<AcceptedResponse> RecordAsync(InteractionBody interaction, CancellationToken cancellationToken = default);

    /// <summary>Records interactions, all or none; returns once they are durable.</summary>
    /// <remarks>Those without an id are given one before the first try, so that a retry counts once.</remarks>
    /// <param name="interactions">1 to 10,000 interactions.</param>
    /// <param name="cancellationToken">Cancels the call; rows that were sent may be stored.</param>
    Task<AcceptedResponse> RecordAsync(
        IReadOnlyList<InteractionBody> interactions, CancellationToken cancellationToken = default);

    /// <summary>Records any number of interactions in order, in blocks of 1,000, as newline-delimited JSON.</summary>
    /// <remarks>
    /// The next block is sent once the previous one is durable; when the source pauses, the rows so far are sent.
    /// Each block has the time limit and the retries of a call. Interactions without an id get one. A failure
    /// ends the call with a <see cref="RecSysException"/> whose <see cref="RecSysException.Accepted"/> is the number of rows
    /// stored, and whose <see cref="ProblemBody.Line"/> counts from the first row of the source.
    /// </remarks>
    /// <param name="interactions">The source; enumerated once.</param>
    /// <param name="progress">Called with the number of durable rows, and the position, after each block.</param>
    /// <param name="cancellationToken">Cancels the call; rows that were sent may be stored.</param>
    /// <returns>
    /// The number of stored rows and the position of the last; <see langword="null"/> if the source was empty.
    /// </returns>
    Task<AcceptedResponse?> RecordStreamAsync(
        IAsyncEnumerable<InteractionBody> interactions,
        IProgress<AcceptedResponse>? progress = null,
        CancellationToken cancellationToken = default);

    /// <summary>Retracts the interaction that was recorded under an id.</summary>
    Task<AcceptedResponse> RetractAsync(
        string userId, string interactionId, CancellationToken cancellationToken = default);

    /// <summary>Gets a user's newest interactions, newest first.</summary>
    /// <param name="userId">Id of the user.</param>
    /// <param name="count">1 to 1,024.</param>
    /// <param name="after">A position that must be reflected.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<HistoryResponse> GetHistoryAsync(
        string userId, int? count = null, string? after = null, CancellationToken cancellationToken = default);

    /// <summary>Gets a user's profile.</summary>
    /// <returns>The profile, or <see langword="null"/> if the user is unknown.</returns>
    Task<UserResponse?> GetUserAsync(string userId, CancellationToken cancellationToken = default);

    /// <summary>Replaces a user's profile.</summary>
    Task<AcceptedResponse> PutUserAsync(
        string userId, UserBody user, CancellationToken cancellationToken = default);

    /// <summary>Changes the members that are present in a user's profile; a label of <c>null</c> is removed.</summary>
    Task<AcceptedResponse> PatchUserAsync(
        string userId, UserBody user, CancellationToken cancellationToken = default);

    /// <summary>Replaces the profiles of many users, all or none.</summary>
    /// <param name="users">1 to 10,000 users.</param>
    /// <param name="cancellationToken">Cancels the call; data that was sent may be stored.</param>
    Task<AcceptedResponse> PutUsersAsync(
        IReadOnlyList<UserRow> users, CancellationToken cancellationToken = default);

    /// <summary>Changes the members that are present in the profiles of many users, all or none; a label of <c>null</c> is removed.</summary>
    /// <param name="users">1 to 10,000 of them.</param>
    /// <param name="cancellationToken">Cancels the call; data that was sent may be stored.</param>
    Task<AcceptedResponse> PatchUsersAsync(
        IReadOnlyList<UserRow> users, CancellationToken cancellationToken = default);

    /// <summary>Erases all data of a person; later records with the same id belong to a new person.</summary>
    Task<ErasureResponse> EraseUserAsync(string userId, CancellationToken cancellationToken = default);

    /// <summary>Erases a person as <see cref="EraseUserAsync"/> does, by an id that may contain U+0000: earlier versions accepted such ids in bodies.</summary>
    Task<ErasureResponse> EraseNamedUserAsync(string userId, CancellationToken cancellationToken = default);

    /// <summary>Gets the progress of an erasure, place by place.</summary>
    /// <param name="receipt">The <see cref="ErasureResponse.Receipt"/>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The progress, or <see langword="null"/> if there is no such erasure.</returns>
    Task<ErasureStatusResponse?> GetErasureAsync(string receipt, CancellationToken cancellationToken = default);

    /// <summary>Merges a user, such as an anonymous visitor, into another: reads of the other then include the user's history.</summary>
    Task<AcceptedResponse> MergeUsersAsync(
        string targetUserId, string fromUserId, CancellationToken cancellationToken = default);

    /// <summary>Reads all data of one person as a stream, in the format of the server.</summary>
    /// <returns>The stream, to be disposed.</returns>
    Task<Stream> ExportUserAsync(string userId, CancellationToken cancellationToken = default);

    /// <summary>Gets an item of the catalogue.</summary>
    /// <returns>The item, or <see langword="null"/> if the catalogue does not have it.</returns>
    Task<ItemResponse?> GetItemAsync(string itemId, CancellationToken cancellationToken = default);

    /// <summary>Gets a page of the catalogue.</summary>
    /// <param name="cursor">The <see cref="ItemPage.Next"/> of the preceding page.</param>
    /// <param name="count">Number of items, 1 to 1,000; a page of large items ends earlier.</param>
    /// <param name="search">A text that the id or the title must contain, ignoring case.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<ItemPage> GetItemsAsync(
        string? cursor = null,
        int? count = null,
        string? search = null,
        CancellationToken cancellationToken = default);

    /// <summary>Adds or replaces an item.</summary>
    Task<AcceptedResponse> PutItemAsync(
        string itemId, ItemBody item, CancellationToken cancellationToken = default);

    /// <summary>Changes the members of an item that are present; a label of <c>null</c> is removed.</summary>
    Task<AcceptedResponse> PatchItemAsync(
        string itemId, ItemBody item, CancellationToken cancellationToken = default);

    /// <summary>Adds or replaces many items, all or none.</summary>
    /// <param name="items">1 to 10,000 items.</param>
    /// <param name="cancellationToken">Cancels the call; data that was sent may be stored.</param>
    Task<AcceptedResponse> PutItemsAsync(
        IReadOnlyList<ItemRow> items, CancellationToken cancellationToken = default);

    /// <summary>Changes the members of many items that are present, and adds new items, all or none; a label of <c>null</c> is removed.</summary>
    /// <param name="items">1 to 10,000 of them.</param>
    /// <param name="cancellationToken">Cancels the call; data that was sent may be stored.</param>
    Task<AcceptedResponse> PatchItemsAsync(
        IReadOnlyList<ItemRow> items, CancellationToken cancellationToken = default);

    /// <summary>Deletes an item; slates no longer show it.</summary>
    Task<AcceptedResponse> DeleteItemAsync(string itemId, CancellationToken cancellationToken = default);

    /// <summary>Recommends items to a user; an unknown user gets a slate for a cold start.</summary>
    /// <param name="userId">Id of the user.</param>
    /// <param name="count">1 to 100.</param>
    /// <param name="category">The category that items must have.</param>
    /// <param name="scenario">The scenario; <c>lookAgain</c> requests items that the user has seen and that may be shown again.</param>
    /// <param name="cursor">The <see cref="RecommendationsResponse.Next"/> of the preceding page.</param>
    /// <param name="after">A position that must be reflected.</param>
    /// <param name="seen">How seen items are treated: <c>exclude</c>, <c>demote</c> or <c>allow</c>; null: by the rule of each interaction type.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<RecommendationsResponse> GetRecommendationsAsync(
        string userId,
        int? count = null,
        string? category = null,
        string? scenario = null,
        string? cursor = null,
        string? after = null,
        string? seen = null,
        CancellationToken cancellationToken = default);

    /// <summary>Recommends items to a user, to an anonymous session or for a basket, or ranks given candidates, with all parameters.</summary>
    Task<RecommendationsResponse> RecommendAsync(
        RecommendationRequest request, CancellationToken cancellationToken = default);

    /// <summary>Fills the shelves of one page in one call: each item is on at most one of them.</summary>
    Task<ShelvesResponse> GetShelvesAsync(ShelvesRequest request, CancellationToken cancellationToken = default);

    /// <summary>Gets the items similar to an item.</summary>
    /// <param name="itemId">The item; an unknown one is refused with 404.</param>
    /// <param name="count">1 to 100.</param>
    /// <param name="category">The category that items must have.</param>
    /// <param name="userId">The user whose bought, liked, rated, disliked and hidden items are left out.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<ItemsResponse> GetSimilarAsync(
        string itemId,
        int? count = null,
        string? category = null,
        string? userId = null,
        CancellationToken cancellationToken = default);

    /// <summary>Gets trending items.</summary>
    /// <param name="category">The category that items must have.</param>
    /// <param name="count">1 to 100.</param>
    /// <param name="window"><c>hour</c>, <c>day</c>, <c>week</c> or <c>allTime</c>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<ItemsResponse> GetTrendingAsync(
        string? category = null,
        int? count = null,
        string? window = null,
        CancellationToken cancellationToken = default);

    /// <summary>Gets the items added to the catalogue last.</summary>
    /// <param name="category">The category that items must have.</param>
    /// <param name="count">1 to 100.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<ItemsResponse> GetLatestAsync(
        string? category = null, int? count = null, CancellationToken cancellationToken = default);

    /// <summary>Gets the most popular items.</summary>
    /// <param name="category">The category that items must have.</param>
    /// <param name="count">1 to 100.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<ItemsResponse> GetPopularAsync(
        string? category = null, int? count = null, CancellationToken cancellationToken = default);

    /// <summary>Explains why an item is, or is not, in a user's slate.</summary>
    /// <param name="userId">Id of the user.</param>
    /// <param name="itemId">Id of the item.</param>
    /// <param name="recommendationId">A slate that was shown to the user, which is explained as it was recorded; null: the current slate.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<ExplanationResponse> ExplainAsync(
        string userId, string itemId, string? recommendationId = null, CancellationToken cancellationToken = default);

    /// <summary>Gets the configured types of interactions.</summary>
    Task<InteractionTypesResponse> GetInteractionTypesAsync(CancellationToken cancellationToken = default);

    /// <summary>Gets the most recently active users, newest first.</summary>
    /// <param name="count">1 to 100.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<RecentUsersResponse> GetRecentUsersAsync(int? count = null, CancellationToken cancellationToken = default);

    /// <summary>Gets the server's status: its model, its log and its freshness.</summary>
    Task<StatusResponse> GetStatusAsync(CancellationToken cancellationToken = default);

    /// <summary>Checks whether the server's process answers now; never retried.</summary>
    /// <returns><see langword="true"/>; a <see cref="RecSysException"/> is thrown if the server does not answer.</returns>
    Task<bool> IsLiveAsync(CancellationToken cancellationToken = default);

    /// <summary>Checks whether the server is ready for requests now; never retried.</summary>
    /// <returns><see langword="false"/> if the server answers that it is not ready; a <see cref="RecSysException"/> is thrown if it does not answer.</returns>
    Task<bool> IsReadyAsync(CancellationToken cancellationToken = default);

    /// <summary>Gets the server's metrics in the text format of Prometheus.</summary>
    Task<string> GetMetricsAsync(CancellationToken cancellationToken = default);

    /// <summary>Starts a job; the call is retried only if no connection was made.</summary>
    Task<JobResponse> StartJobAsync(JobRequest request, CancellationToken cancellationToken = default);

    /// <summary>Gets the status of a job.</summary>
    /// <returns>The job, or <see langword="null"/> if it is unknown.</returns>
    Task<JobResponse?> GetJobAsync(string jobId, CancellationToken cancellationToken = default);

    /// <summary>Polls a job twice per second until it has ended, successfully or not.</summary>
    /// <param name="jobId">Id of the job.</param>
    /// <param name="progress">Called with each answer.</param>
    /// <param name="cancellationToken">Stops waiting; the job continues.</param>
    /// <returns>The job at its end.</returns>
    /// <exception cref="RecSysException">The job is unknown, among other reasons.</exception>
    Task<JobResponse> WaitForJobAsync(
        string jobId, IProgress<JobResponse>? progress = null, CancellationToken cancellationToken = default);

    /// <summary>Fetches the output of an export, lines of JSON, as a stream; the caller disposes of it.</summary>
    /// <param name="jobId">A job that succeeded.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The bytes; <see cref="JobDownload.SizeBytes"/> is the size of a complete answer.</returns>
    /// <exception cref="RecSysException">The job is unknown, has no result, or its result is deleted, among other reasons.</exception>
    Task<Stream> OpenJobResultAsync(string jobId, CancellationToken cancellationToken = default);

    /// <summary>Cancels a job.</summary>
    Task<JobResponse> CancelJobAsync(string jobId, CancellationToken cancellationToken = default);

    /// <summary>Gets the published models, newest first.</summary>
    Task<ModelPage> GetModelsAsync(CancellationToken cancellationToken = default);

    /// <summary>Promotes a model: it is served from now on.</summary>
    Task<ModelResponse> PromoteModelAsync(string version, CancellationToken cancellationToken = default);

    /// <summary>Rolls back from a model to the one before it; the call is retried only if no connection was made.</summary>
    /// <returns>The model that is served now.</returns>
    Task<ModelResponse> RollbackModelAsync(string version, CancellationToken cancellationToken = default);

    /// <summary>Gets the cluster's nodes: their readiness, program, model and partitions.</summary>
    Task<ClusterResponse> GetClusterAsync(CancellationToken cancellationToken = default);

    /// <summary>Gets the partitions of the log: the node of each, its users in memory, and its lag.</summary>
    Task<PartitionsResponse> GetPartitionsAsync(CancellationToken cancellationToken = default);

    /// <summary>Drains a node: it hands its partitions over, saves all states, and its process ends with exit code 0. The call is retried only if no connection was made.</summary>
    /// <param name="node">The <see cref="ClusterNode.Name"/> or <see cref="ClusterNode.Address"/> of the node.</param>
    /// <param name="cancellationToken">Cancels the call; the node may drain nevertheless.</param>
    /// <returns>The node as it was before.</returns>
    Task<ClusterNode> DrainNodeAsync(string node, CancellationToken cancellationToken = default);

    /// <summary>Gets the effective settings, with secrets masked.</summary>
    Task<SettingsResponse> GetSettingsAsync(CancellationToken cancellationToken = default);

    /// <summary>Gets the findings of the checks of the installation.</summary>
    /// <exception cref="RecSysException">The server refused or failed.</exception>
    Task<HealthResponse> GetHealthAsync(CancellationToken cancellationToken = default);

    /// <summary>Gets the findings of the checks of the installation, and of the data in the log: unknown items, missing titles, equal times, a single type.</summary>
    /// <remarks>The server reads its whole log, which takes about a second per million records: set <see cref="RecSysClientOptions.Timeout"/> accordingly.</remarks>
    /// <exception cref="RecSysException">The server refused or failed; 429 if it is reading the log for another such call.</exception>
    Task<HealthResponse> GetHealthWithDataAsync(CancellationToken cancellationToken = default);
}
