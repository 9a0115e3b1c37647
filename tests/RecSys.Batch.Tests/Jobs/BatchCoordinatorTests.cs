using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Actor;
using Microsoft.Extensions.Logging.Abstractions;
using RecSys.Batch.Jobs;
using RecSys.Core.Jobs;
using RecSys.Core.Ports;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Batch.Tests.Jobs;

public sealed class BatchCoordinatorTests : Akka.TestKit.Xunit.TestKit
{
    private readonly JumpingTime _clock = new();
    private readonly InMemoryControlStore _control = new();
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly GivenJob _train = new(JobKind.Train);
    private readonly BatchMeter _meter;
    private readonly StoredJobs _jobs;
    private IActorRef? _coordinator;

    public BatchCoordinatorTests()
        : base("akka.actor.serialize-messages = on")
    {
        _meter = new BatchMeter(_clock);
        _jobs = new StoredJobs(_control, NullLogger<StoredJobs>.Instance);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_runs_reports_its_progress_and_succeeds()
    {
        Coordinator(_train.Definition);

        string id = await AddAsync(JobKind.Train);
        await _train.BeganAsync();
        _train.Progress!(new JobProgress("learning", 0.5));
        await UntilAsync(id, job => job is { Stage: "learning", Progress: 0.5, State: JobState.Running, Node: "here" });
        _train.Finish("well done");

        await UntilAsync(id, job => job is { State: JobState.Succeeded, Message: "well done", Progress: 1, Stage: null });
    }

    [Fact]
    public async Task Progress_is_saved_once_a_second_at_most()
    {
        Coordinator(_train.Definition);
        string id = await AddAsync(JobKind.Train);
        await _train.BeganAsync();
        _train.Progress!(new JobProgress("learning", 0.1));
        await UntilAsync(id, job => job.Progress == 0.1);
        await IdleAsync();
        long version = (await _jobs.GetAsync(id, Cancel))!.Value.Version;

        _train.Progress!(new JobProgress("learning", 0.2));
        _train.Progress!(new JobProgress("learning", 0.3));
        await IdleAsync();
        _clock.Advance(TimeSpan.FromSeconds(1));
        _train.Progress!(new JobProgress("learning", 0.4));

        await UntilAsync(id, job => job.Progress == 0.4);
        Assert.Equal(version + 1, (await _jobs.GetAsync(id, Cancel))!.Value.Version);
        _train.Finish();
    }

    [Fact]
    public async Task A_job_that_throws_fails_with_the_reason_and_the_next_one_runs()
    {
        Coordinator(
            new JobDefinition(JobKind.Evaluate, [], (_, _, _) => throw new InvalidOperationException("the log is gone")), _train.Definition);

        string failing = await AddAsync(JobKind.Evaluate);
        await AddAsync(JobKind.Train);
        await _train.BeganAsync();

        await UntilAsync(failing, job => job is { State: JobState.Failed, Message: "the log is gone" });
        _train.Finish();
    }

    [Fact]
    public async Task A_running_job_stops_when_it_is_cancelled()
    {
        Coordinator(_train.Definition);
        string id = await AddAsync(JobKind.Train);
        await _train.BeganAsync();

        await _jobs.ChangeAsync(id, job => JobRules.CancelRequested(job, 1), Cancel);

        await UntilAsync(id, job => job.State == JobState.Cancelled);
    }

    [Fact]
    public async Task A_scheduled_training_starts_when_it_is_due_and_never_twice_at_the_same_time()
    {
        Coordinator(_train.Definition);
        await IdleAsync();

        _clock.Advance(TimeSpan.FromSeconds(30));
        await _train.BeganAsync();
        _clock.Advance(TimeSpan.FromMinutes(15));
        _clock.Advance(TimeSpan.FromMinutes(15));
        await AddAsync(JobKind.Train);

        Assert.Equal(JobState.Running, Assert.Single(await ListAsync()).State);
        Assert.Equal(1, _train.Runs);
        Assert.True(_train.Request?.Parameters.ContainsKey(JobRules.Scheduled));
        _train.Finish();
    }

    [Theory]
    [InlineData(-10)]
    [InlineData(10)]
    public async Task A_scheduled_training_does_not_depend_on_the_wall_clock(int years)
    {
        Coordinator(_train.Definition);
        await IdleAsync();
        _clock.Advance(TimeSpan.FromSeconds(30));
        await _train.BeganAsync();
        _train.Finish();
        await AwaitAssertAsync(async () => Assert.Equal(JobState.Succeeded, (await ListAsync()).Single().State), cancellationToken: Cancel);

        _clock.Ahead = TimeSpan.FromDays(365 * years);
        _clock.Advance(TimeSpan.FromMinutes(15));

        await AwaitAssertAsync(() => Assert.Equal(2, _train.Runs), cancellationToken: Cancel);
    }

    [Fact]
    public async Task A_kind_without_a_definition_fails_with_the_reason()
    {
        Coordinator();

        string id = await AddAsync(JobKind.Export);

        await UntilAsync(id, job => job.State == JobState.Failed && job.Message!.Contains("does not run jobs", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_job_of_a_coordinator_that_ended_is_started_again_by_the_next_one_and_never_runs_twice_at_the_same_time()
    {
        IActorRef first = Coordinator(_train.Definition);
        string id = await AddAsync(JobKind.Train);
        await _train.BeganAsync();

        await first.GracefulStop(TimeSpan.FromSeconds(10));
        Coordinator(_train.Definition);
        await _train.BeganAsync();
        _train.Finish("at last");

        await UntilAsync(id, job => job is { State: JobState.Succeeded, Message: "at last" });
        Assert.Equal((2, 1), (_train.Runs, _train.MostAtOnce));
    }

    [Fact]
    public async Task A_coordinator_that_another_one_has_replaced_stops_its_job_and_claims_the_jobs_again_when_a_split_is_over()
    {
        Coordinator(_train.Definition);
        string id = await AddAsync(JobKind.Train);
        await _train.BeganAsync();

        Assert.True(await _jobs.TryClaimAsync("elsewhere#1", (await _jobs.CoordinatorAsync(Cancel)).Version, Cancel));
        await AwaitConditionAsync(() => Task.FromResult(_oneAtATime.CurrentCount == 1), cancellationToken: Cancel);
        await IdleAsync();
        Assert.Equal(JobState.Running, (await _jobs.GetAsync(id, Cancel))?.Job.Status.State); // only the other coordinator changes its state
        Assert.Equal("elsewhere#1", (await _jobs.CoordinatorAsync(Cancel)).Name);

        _clock.Advance(TimeSpan.FromSeconds(30));
        await _train.BeganAsync();
        _train.Finish("in the end");

        await UntilAsync(id, job => job is { State: JobState.Succeeded, Message: "in the end" });
        Assert.Equal((2, 1), (_train.Runs, _train.MostAtOnce));
    }

    [Fact]
    public async Task A_training_that_was_due_while_the_store_was_away_starts_soon_after_it_is_back()
    {
        Coordinator(_train.Definition);
        await IdleAsync();
        _control.Fault = new StoreUnavailableException("out");
        _clock.Advance(TimeSpan.FromSeconds(30));
        await IdleAsync();
        _clock.Advance(TimeSpan.FromSeconds(5));
        await IdleAsync();

        _control.Fault = null;
        _clock.Advance(TimeSpan.FromSeconds(5));
        await _train.BeganAsync();

        _train.Finish();
        await AwaitAssertAsync(async () => Assert.Equal(JobState.Succeeded, Assert.Single(await ListAsync()).State), cancellationToken: Cancel);
        Assert.Equal(1, _train.Runs);
    }

    [Fact]
    public async Task The_end_of_a_job_is_saved_when_the_store_is_available_again()
    {
        Coordinator(_train.Definition);
        string id = await AddAsync(JobKind.Train);
        await _train.BeganAsync();
        _control.Fault = new StoreUnavailableException("out");
        _train.Finish("kept");
        await AwaitConditionAsync(() => Task.FromResult(_oneAtATime.CurrentCount == 1), cancellationToken: Cancel);

        _control.Fault = null;

        await AwaitAssertAsync(
            async () =>
            {
                _clock.Advance(TimeSpan.FromSeconds(5));
                Assert.Equal("kept", (await _jobs.GetAsync(id, Cancel))?.Job.Status.Message);
            },
            cancellationToken: Cancel);
    }

    [Fact]
    public async Task A_change_without_an_announcement_is_seen_within_seconds()
    {
        _control.LosesAnnouncements = true;
        Coordinator(_train.Definition);
        await IdleAsync();
        await AddAsync(JobKind.Train);

        await AwaitAssertAsync(
            () =>
            {
                _clock.Advance(TimeSpan.FromSeconds(5));
                Assert.Equal(1, _train.Runs);
            },
            cancellationToken: Cancel);
        _train.Finish();
    }

    [Fact]
    public async Task A_process_of_one_command_does_not_run_the_jobs_of_others()
    {
        string others = await AddAsync(JobKind.Train);
        ConcurrentDictionary<string, bool> own = new();
        Coordinator(_jobs, own, _train.Definition, new JobDefinition(JobKind.Evaluate, [], (_, _, _) => Task.FromResult(new JobOutcome("mine"))));

        StoredJob mine = await _jobs.AddAsync(Request(JobKind.Evaluate), isAsked: true, 5, Cancel);
        own[mine.Status.Id] = true;
        _jobs.Announce();

        await UntilAsync(mine.Status.Id, job => job.State == JobState.Succeeded);
        Assert.Equal(JobState.Queued, (await _jobs.GetAsync(others, Cancel))?.Job.Status.State);
        Assert.Equal(0, _train.Runs);
    }

    [Fact]
    public async Task Stopping_the_coordinator_cancels_the_work()
    {
        IActorRef coordinator = Coordinator(_train.Definition);
        await AddAsync(JobKind.Train);
        await _train.BeganAsync();

        Sys.Stop(coordinator);

        await AwaitConditionAsync(() => Task.FromResult(_oneAtATime.CurrentCount == 1), cancellationToken: Cancel);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _meter.Dispose();
        _oneAtATime.Dispose();
    }

    private static JobRequest Request(JobKind kind) => new(kind, ImmutableSortedDictionary<string, string>.Empty);

    private async Task<string> AddAsync(JobKind kind) =>
        (await _jobs.AddAsync(Request(kind), isAsked: true, _clock.GetUtcNow().ToUnixTimeMilliseconds(), Cancel)).Status.Id;

    private async Task<IReadOnlyList<JobStatus>> ListAsync() => [.. (await _jobs.ListAsync(Cancel)).Select(row => row.Job.Status)];

    private Task UntilAsync(string id, Func<JobStatus, bool> isSo) =>
        AwaitAssertAsync(async () => Assert.True(await _jobs.GetAsync(id, Cancel) is { } row && isSo(row.Job.Status)), cancellationToken: Cancel);

    // When the coordinator answers, it has started its timers and handled all earlier messages.
    private async Task IdleAsync() => await _coordinator!.Ask<ActorIdentity>(new Identify(null), Cancel);

    private IActorRef Coordinator(params JobDefinition[] definitions) => Coordinator(_jobs, null, definitions);

    private IActorRef Coordinator(StoredJobs jobs, ConcurrentDictionary<string, bool>? own, params JobDefinition[] definitions)
    {
        CoordinatorServices services = new(jobs, new BatchOptions(), "here", _clock, _meter, _oneAtATime, new LiveJob(), own, NullLogger<BatchCoordinator>.Instance);
        return _coordinator = Sys.ActorOf(Props.Create(() => new BatchCoordinator(definitions, services)));
    }
}
