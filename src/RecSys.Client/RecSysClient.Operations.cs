using System.Net;

namespace RecSys.Client;

public sealed partial class RecSysClient
{
    private static readonly TimeSpan JobPollInterval = TimeSpan.FromMilliseconds(500);

    /// <inheritdoc/>
    public Task<StatusResponse> GetStatusAsync(CancellationToken cancellationToken = default) =>
        _transport.SendAsync(Read("v1/status"), Json.StatusResponse, cancellationToken);

    /// <inheritdoc/>
    public Task<InteractionTypesResponse> GetInteractionTypesAsync(CancellationToken cancellationToken = default) =>
        _transport.SendAsync(Read("v1/interaction-types"), Json.InteractionTypesResponse, cancellationToken);

    /// <inheritdoc/>
    public Task<RecentUsersResponse> GetRecentUsersAsync(int? count = null, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(Read(new RequestTarget("v1/users").Add("count", count).ToString()), Json.RecentUsersResponse, cancellationToken);

    /// <inheritdoc/>
    public Task<HealthResponse> GetHealthAsync(CancellationToken cancellationToken = default) =>
        _transport.SendAsync(Read("health"), Json.HealthResponse, cancellationToken);

    /// <inheritdoc/>
    public Task<HealthResponse> GetHealthWithDataAsync(CancellationToken cancellationToken = default) =>
        _transport.SendAsync(Read(new RequestTarget("health").Add("data", "check").ToString()), Json.HealthResponse, cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> IsLiveAsync(CancellationToken cancellationToken = default)
    {
        await _transport.ReadTextAsync(Probe("health/live"), cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <inheritdoc/>
    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await _transport.ReadTextAsync(Probe("health/ready"), cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (RecSysException error) when (error.StatusCode is HttpStatusCode.ServiceUnavailable)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public Task<string> GetMetricsAsync(CancellationToken cancellationToken = default) =>
        _transport.ReadTextAsync(Read("metrics"), cancellationToken);

    /// <inheritdoc/>
    public Task<JobResponse> StartJobAsync(JobRequest request, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(
            Write(HttpMethod.Post, "v1/admin/jobs", request, Json.JobRequest, isRepeatable: false),
            Json.JobResponse,
            cancellationToken);

    /// <inheritdoc/>
    public Task<JobResponse?> GetJobAsync(string jobId, CancellationToken cancellationToken = default) =>
        _transport.FindAsync(Read($"v1/admin/jobs/{Segment(jobId)}"), Json.JobResponse, cancellationToken);

    /// <inheritdoc/>
    public async Task<JobResponse> WaitForJobAsync(
        string jobId, IProgress<JobResponse>? progress = null, CancellationToken cancellationToken = default)
    {
        RecSysCall call = Read($"v1/admin/jobs/{Segment(jobId)}");
        while (true)
        {
            JobResponse job =
                await _transport.SendAsync(call, Json.JobResponse, cancellationToken).ConfigureAwait(false);
            progress?.Report(job);
            if (job.IsFinished)
            {
                return job;
            }

            await Task.Delay(JobPollInterval, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public Task<Stream> OpenJobResultAsync(string jobId, CancellationToken cancellationToken = default) =>
        _transport.OpenAsync(Read($"v1/admin/jobs/{Segment(jobId)}/result"), cancellationToken);

    /// <inheritdoc/>
    public Task<JobResponse> CancelJobAsync(string jobId, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(Delete($"v1/admin/jobs/{Segment(jobId)}"), Json.JobResponse, cancellationToken);

    /// <inheritdoc/>
    public Task<ModelPage> GetModelsAsync(CancellationToken cancellationToken = default) =>
        _transport.SendAsync(Read("v1/admin/models"), Json.ModelPage, cancellationToken);

    /// <inheritdoc/>
    public Task<ModelResponse> PromoteModelAsync(string version, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(
            new RecSysCall(HttpMethod.Post, $"v1/admin/models/{Segment(version)}:promote", IsRepeatable: true),
            Json.ModelResponse,
            cancellationToken);

    /// <inheritdoc/>
    public Task<ModelResponse> RollbackModelAsync(string version, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(
            new RecSysCall(HttpMethod.Post, $"v1/admin/models/{Segment(version)}:rollback", IsRepeatable: false),
            Json.ModelResponse,
            cancellationToken);

    /// <inheritdoc/>
    public Task<ClusterResponse> GetClusterAsync(CancellationToken cancellationToken = default) =>
        _transport.SendAsync(Read("v1/admin/cluster"), Json.ClusterResponse, cancellationToken);

    /// <inheritdoc/>
    public Task<PartitionsResponse> GetPartitionsAsync(CancellationToken cancellationToken = default) =>
        _transport.SendAsync(Read("v1/admin/cluster/partitions"), Json.PartitionsResponse, cancellationToken);

    /// <inheritdoc/>
    public Task<ClusterNode> DrainNodeAsync(string node, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(
            new RecSysCall(HttpMethod.Post, $"v1/admin/cluster/nodes/{Segment(node)}:drain", IsRepeatable: false),
            Json.ClusterNode,
            cancellationToken);

    /// <inheritdoc/>
    public Task<SettingsResponse> GetSettingsAsync(CancellationToken cancellationToken = default) =>
        _transport.SendAsync(Read("v1/admin/settings"), Json.SettingsResponse, cancellationToken);

    private static RecSysCall Probe(string target) => new(HttpMethod.Get, target, IsRepeatable: false) { IsProbe = true };
}
