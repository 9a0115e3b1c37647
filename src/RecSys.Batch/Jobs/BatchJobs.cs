using Akka.Actor;
using Akka.Pattern;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RecSys.Core.Jobs;
using RecSys.Core.Ports;

namespace RecSys.Batch.Jobs;

/// <summary>Gives access to the coordinator without actors, and starts and stops it with the host.</summary>
internal sealed class BatchJobs(
    IServiceProvider services,
    IEnumerable<JobDefinition> jobs,
    BatchOptions options,
    TimeProvider clock,
    BatchMeter meter,
    ILogger<BatchCoordinator> log) : IBatchJobs, IHostedService
{
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RestartMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RestartMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopMax = TimeSpan.FromSeconds(2);

    private IActorRef? _coordinator;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        Props coordinator = Props.Create(() => new BatchCoordinator(jobs, options, clock, meter, log));
        Props supervised = BackoffSupervisor.Props(
            Backoff.OnFailure(coordinator, "coordinator", RestartMin, RestartMax, randomFactor: 0.2, maxNrOfRetries: -1));
        _coordinator = services.GetRequiredService<ActorSystem>().ActorOf(supervised, "batch");
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_coordinator is { } coordinator)
        {
            try
            {
                await coordinator.GracefulStop(StopMax).WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is TaskCanceledException or OperationCanceledException)
            {
                // The coordinator has no state to save.
            }
        }
    }

    public JobProblem? Check(JobRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return jobs.FirstOrDefault(job => job.Kind == request.Kind) is { } job
            ? job.Check(request.Parameters)
            : new JobProblem(Parameter: null, "this node does not run jobs of this kind");
    }

    public async ValueTask<JobStatus> StartAsync(JobRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return await AskAsync<BatchMessage>(new BatchMessage.Start(request), cancellationToken).ConfigureAwait(false) switch
        {
            BatchMessage.Refused refused => throw new OverloadedException(refused.Reason),
            BatchMessage answer => ((BatchMessage.Found)answer).Status!,
        };
    }

    public async ValueTask<JobStatus?> GetAsync(string id, CancellationToken cancellationToken) =>
        (await AskAsync<BatchMessage.Found>(new BatchMessage.Get(id), cancellationToken).ConfigureAwait(false)).Status;

    public async ValueTask<IReadOnlyList<JobStatus>> ListAsync(CancellationToken cancellationToken) =>
        (await AskAsync<BatchMessage.Listed>(new BatchMessage.List(), cancellationToken).ConfigureAwait(false)).Jobs;

    public async ValueTask<JobStatus?> CancelAsync(string id, CancellationToken cancellationToken) =>
        (await AskAsync<BatchMessage.Found>(new BatchMessage.Cancel(id), cancellationToken).ConfigureAwait(false)).Status;

    private async Task<T> AskAsync<T>(BatchMessage message, CancellationToken cancellationToken)
    {
        IActorRef coordinator = _coordinator ?? throw new StoreUnavailableException("the batch layer has not started");
        try
        {
            return await coordinator.Ask<T>(message, AnswerMax, cancellationToken).ConfigureAwait(false);
        }
        catch (AskTimeoutException exception)
        {
            throw new StoreUnavailableException("the batch layer does not answer", exception);
        }
    }
}
