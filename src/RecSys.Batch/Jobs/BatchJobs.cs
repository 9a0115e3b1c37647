using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Cluster;
using Akka.Pattern;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RecSys.Actors;
using RecSys.Core.Jobs;
using RecSys.Core.Ports;

namespace RecSys.Batch.Jobs;

/// <summary>Gives access to the jobs in the control store from any node. On a node with the role batch, it also starts the manager of the coordinator, which is a cluster singleton.</summary>
internal sealed class BatchJobs(
    IServiceProvider services,
    IEnumerable<JobDefinition> definitions,
    StoredJobs jobs,
    BatchOptions options,
    BatchScope scope,
    TimeProvider clock,
    BatchMeter meter,
    ILogger<BatchCoordinator> log) : IBatchJobs, IHostedService, IDisposable
{
    private const string CoordinatorName = "jobs";

    private static readonly TimeSpan RestartMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RestartMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopMax = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly LiveJob _live = new();
    private readonly ConcurrentDictionary<string, bool>? _own = scope.IsForOneCommand ? new(StringComparer.Ordinal) : null;
    private IActorRef? _manager;

    public string Node => Cluster.SelfAddress.ToString();

    private Cluster Cluster => Cluster.Get(services.GetRequiredService<ActorSystem>());

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (Cluster.SelfRoles.Contains(NodeRoles.Batch))
        {
            CoordinatorServices shared = new(jobs, options, Node, clock, meter, _oneAtATime, _live, _own, log);
            Props coordinator = Props.Create(() => new BatchCoordinator(definitions, shared));
            Props supervised = BackoffSupervisor.Props(
                Backoff.OnFailure(coordinator, "coordinator", RestartMin, RestartMax, randomFactor: 0.2, maxNrOfRetries: -1));
            _manager = ClusterSingletons.Start(Cluster.System, NodeRoles.Batch, CoordinatorName, supervised);
        }

        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_manager is { } manager)
        {
            try
            {
                await CancelOwnAsync(cancellationToken).ConfigureAwait(false);
                await ClusterSingletons.StopHereAsync(manager, CoordinatorName, StopMax, cancellationToken).ConfigureAwait(false);
                await ReleaseAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is TaskCanceledException or OperationCanceledException or AskTimeoutException or StoreUnavailableException)
            {
                // The jobs stay in the control store. The next coordinator treats those that were running as interrupted.
            }
        }
    }

    public void Dispose() => _oneAtATime.Dispose();

    public JobProblem? Check(JobRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return definitions.FirstOrDefault(job => job.Kind == request.Kind) is { } job
            ? job.Check(request.Parameters)
            : new JobProblem(Parameter: null, "this node does not run jobs of this kind");
    }

    public async ValueTask<JobStatus> StartAsync(JobRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (_manager is null && !Cluster.State.Members.Any(member => member.HasRole(NodeRoles.Batch) && member.Status is MemberStatus.Up or MemberStatus.WeaklyUp))
        {
            throw new StoreUnavailableException($"no node with the role {NodeRoles.Batch} is up in the cluster: start one, and retry");
        }

        StoredJob job = await jobs.AddAsync(request, isAsked: true, clock.GetUtcNow().ToUnixTimeMilliseconds(), cancellationToken).ConfigureAwait(false);
        if (_own?.TryAdd(job.Status.Id, true) is true)
        {
            jobs.Announce();
        }

        return job.Status;
    }

    public async ValueTask<JobStatus?> GetAsync(string id, CancellationToken cancellationToken) =>
        await jobs.GetAsync(id, cancellationToken).ConfigureAwait(false) is { } row ? _live.Of(row.Job) : null;

    public async ValueTask<IReadOnlyList<JobStatus>> ListAsync(CancellationToken cancellationToken) =>
        [.. JobRules.NewestFirst((await jobs.ListAsync(cancellationToken).ConfigureAwait(false)).Select(row => row.Job)).Take(JobRules.JobsMax).Select(_live.Of)];

    public async ValueTask<JobStatus?> CancelAsync(string id, CancellationToken cancellationToken) =>
        (await jobs.ChangeAsync(id, job => JobRules.CancelRequested(job, clock.GetUtcNow().ToUnixTimeMilliseconds()), cancellationToken).ConfigureAwait(false))?.Status;

    /// <summary>Releases the job that ran on this node if its work ends within <see cref="StopMax"/>: the job is queued again (a rebuild fails instead), and the interrupted start does not count as an attempt.</summary>
    private async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        if (_live.Id is { } id && await _oneAtATime.WaitAsync(StopMax, cancellationToken).ConfigureAwait(false))
        {
            await jobs.ChangeAsync(
                id,
                job => job.Status.State == JobState.Running && job.Status.Node == Node ? JobRules.Released(job, clock.GetUtcNow().ToUnixTimeMilliseconds()) : job,
                cancellationToken).ConfigureAwait(false);
        }
    }

    // When a command ends, it cancels the jobs that it started, so that no server continues them.
    private async Task CancelOwnAsync(CancellationToken cancellationToken)
    {
        foreach (string id in _own?.Keys ?? [])
        {
            await jobs.ChangeAsync(
                id,
                job => JobRules.IsOver(job) ? job : JobRules.Cancelled(job, clock.GetUtcNow().ToUnixTimeMilliseconds()),
                cancellationToken).ConfigureAwait(false);
        }
    }
}
