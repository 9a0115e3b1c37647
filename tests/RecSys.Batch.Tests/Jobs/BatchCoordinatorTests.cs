using System.Collections.Immutable;
using Akka.Actor;
using Microsoft.Extensions.Logging.Abstractions;
using RecSys.Batch.Jobs;
using RecSys.Core.Jobs;
using RecSys.Core.Models;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Batch.Tests.Jobs;

public sealed class BatchCoordinatorTests : Akka.TestKit.Xunit.TestKit
{
    private readonly JumpingTime _clock = new();
    private readonly BatchMeter _meter;

    public BatchCoordinatorTests()
        : base("akka.actor.serialize-messages = on") => _meter = new BatchMeter(_clock);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_runs_reports_its_progress_and_succeeds()
    {
        Steps steps = new();
        IActorRef coordinator = Coordinator(new JobDefinition(JobKind.Train, [], steps.RunAsync));

        JobStatus started = await StartAsync(coordinator, JobKind.Train);
        await steps.Began;
        steps.Progress!(new JobProgress("learning", 0.5));
        await AwaitAssertAsync(async () => Assert.Equal("learning", (await FindAsync(coordinator, started.Id))?.Stage), cancellationToken: Cancel);
        steps.Finish(new JobOutcome("well done") { ModelVersion = new ModelVersion("1") });

        await AwaitAssertAsync(async () =>
        {
            JobStatus? ended = await FindAsync(coordinator, started.Id);
            Assert.Equal(JobState.Succeeded, ended?.State);
            Assert.Equal("well done", ended?.Message);
            Assert.Equal("1", ended?.ModelVersion);
            Assert.Equal(1, ended?.Progress);
        }, cancellationToken: Cancel);
    }

    [Fact]
    public async Task A_job_that_throws_fails_with_the_reason_and_the_next_one_runs()
    {
        Steps steps = new();
        IActorRef coordinator = Coordinator(
            new JobDefinition(JobKind.Train, [], (_, _, _) => throw new InvalidOperationException("the log is gone")),
            new JobDefinition(JobKind.Evaluate, [], steps.RunAsync));

        JobStatus failing = await StartAsync(coordinator, JobKind.Train);
        await StartAsync(coordinator, JobKind.Evaluate);
        await steps.Began;

        JobStatus? failed = await FindAsync(coordinator, failing.Id);
        Assert.Equal(JobState.Failed, failed?.State);
        Assert.Equal("the log is gone", failed?.Message);
        steps.Finish(new JobOutcome("done"));
    }

    [Fact]
    public async Task A_running_job_stops_when_it_is_cancelled()
    {
        Steps steps = new();
        IActorRef coordinator = Coordinator(new JobDefinition(JobKind.Train, [], steps.RunAsync));
        JobStatus started = await StartAsync(coordinator, JobKind.Train);
        await steps.Began;

        await coordinator.Ask<BatchMessage.Found>(new BatchMessage.Cancel(started.Id), Cancel);

        await AwaitAssertAsync(async () => Assert.Equal(JobState.Cancelled, (await FindAsync(coordinator, started.Id))?.State), cancellationToken: Cancel);
    }

    [Fact]
    public async Task A_scheduled_training_starts_when_it_is_due_and_never_twice_at_once()
    {
        Steps steps = new();
        IActorRef coordinator = Coordinator(new JobDefinition(JobKind.Train, [], steps.RunAsync));
        await coordinator.Ask<BatchMessage.Listed>(new BatchMessage.List(), Cancel);

        _clock.Advance(TimeSpan.FromSeconds(30));
        await steps.Began;
        _clock.Advance(TimeSpan.FromMinutes(15));
        _clock.Advance(TimeSpan.FromMinutes(15));

        IReadOnlyList<JobStatus> jobs = (await coordinator.Ask<BatchMessage.Listed>(new BatchMessage.List(), Cancel)).Jobs;
        Assert.Equal(JobState.Running, Assert.Single(jobs).State);
        Assert.Equal(1, steps.Runs);
        Assert.True(steps.Request?.Parameters.ContainsKey(JobRegistry.Scheduled));
        steps.Finish(new JobOutcome("done"));
    }

    [Theory]
    [InlineData(-10)]
    [InlineData(10)]
    public async Task A_scheduled_training_does_not_depend_on_the_wall_clock(int years)
    {
        Steps steps = new();
        IActorRef coordinator = Coordinator(new JobDefinition(JobKind.Train, [], steps.RunAsync));
        await coordinator.Ask<BatchMessage.Listed>(new BatchMessage.List(), Cancel);
        _clock.Advance(TimeSpan.FromSeconds(30));
        await steps.Began;
        steps.Finish(new JobOutcome("done"));
        await AwaitAssertAsync(
            async () => Assert.Equal(JobState.Succeeded, (await coordinator.Ask<BatchMessage.Listed>(new BatchMessage.List(), Cancel)).Jobs.Single().State),
            cancellationToken: Cancel);

        _clock.Ahead = TimeSpan.FromDays(365 * years);
        _clock.Advance(TimeSpan.FromMinutes(15));

        await AwaitAssertAsync(() => Assert.Equal(2, steps.Runs), cancellationToken: Cancel);
    }

    [Fact]
    public async Task A_kind_without_a_definition_fails_at_once()
    {
        IActorRef coordinator = Coordinator();

        JobStatus status = await StartAsync(coordinator, JobKind.Export);

        Assert.Equal(JobState.Failed, status.State);
    }

    [Fact]
    public async Task Stopping_the_coordinator_cancels_the_job()
    {
        Steps steps = new();
        IActorRef coordinator = Coordinator(new JobDefinition(JobKind.Train, [], steps.RunAsync));
        await StartAsync(coordinator, JobKind.Train);
        await steps.Began;

        Sys.Stop(coordinator);

        await steps.Stopped;
    }

    protected override void Dispose(bool disposing)
    {
        _meter.Dispose();
        base.Dispose(disposing);
    }

    private static async Task<JobStatus> StartAsync(IActorRef coordinator, JobKind kind) =>
        (await coordinator.Ask<BatchMessage.Found>(
            new BatchMessage.Start(new JobRequest(kind, ImmutableSortedDictionary<string, string>.Empty)), Cancel)).Status!;

    private static async Task<JobStatus?> FindAsync(IActorRef coordinator, string id) =>
        (await coordinator.Ask<BatchMessage.Found>(new BatchMessage.Get(id), Cancel)).Status;

    private IActorRef Coordinator(params JobDefinition[] jobs) => Sys.ActorOf(Props.Create(() => new BatchCoordinator(
        jobs, new BatchOptions(), _clock, _meter, NullLogger<BatchCoordinator>.Instance)));

    /// <summary>A job that goes on when the test says so.</summary>
    private sealed class Steps
    {
        private readonly TaskCompletionSource _began = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<JobOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _runs;

        public Task Began => _began.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancel);

        public Task Stopped => _stopped.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancel);

        public int Runs => _runs;

        public JobRequest? Request { get; private set; }

        public Action<JobProgress>? Progress { get; private set; }

        public void Finish(JobOutcome outcome) => _outcome.TrySetResult(outcome);

        public async Task<JobOutcome> RunAsync(JobRequest request, Action<JobProgress> progress, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _runs);
            Request = request;
            Progress = progress;
            _began.TrySetResult();
            try
            {
                return await _outcome.Task.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                _stopped.TrySetResult();
                throw;
            }
        }
    }
}
