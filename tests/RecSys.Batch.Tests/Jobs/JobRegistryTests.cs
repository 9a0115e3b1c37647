using System.Collections.Immutable;
using RecSys.Batch.Jobs;
using RecSys.Core.Jobs;
using RecSys.Core.Ports;
using Xunit;

namespace RecSys.Batch.Tests.Jobs;

public sealed class JobRegistryTests
{
    private readonly JobRegistry _registry = new();

    [Fact]
    public void One_job_runs_at_a_time_first_come_first_served()
    {
        JobStatus train = _registry.Add(Request(JobKind.Train), isAsked: true, nowMs: 1);
        JobStatus evaluate = _registry.Add(Request(JobKind.Evaluate), isAsked: true, nowMs: 2);

        Assert.True(_registry.TryStartNext(3, out JobStatus first, out _));
        Assert.False(_registry.TryStartNext(4, out _, out _));
        Assert.Equal(train.Id, first.Id);
        _registry.Succeeded(train.Id, new JobOutcome("done"), 5);
        Assert.True(_registry.TryStartNext(6, out JobStatus second, out _));

        Assert.Equal(evaluate.Id, second.Id);
        Assert.Equal(JobState.Running, second.State);
        Assert.Equal(6, second.StartedAtMs);
    }

    [Fact]
    public void A_job_does_not_end_before_it_began_if_the_clock_goes_back()
    {
        JobStatus train = _registry.Add(Request(JobKind.Train), isAsked: true, nowMs: 10);
        _registry.TryStartNext(20, out _, out _);

        Assert.Equal(20, _registry.Succeeded(train.Id, new JobOutcome("done"), nowMs: 5)?.FinishedAtMs);
    }

    [Fact]
    public void Starting_the_same_job_again_returns_the_first_one()
    {
        JobStatus first = _registry.Add(Request(JobKind.Train), isAsked: true, nowMs: 1);

        Assert.Equal(first.Id, _registry.Add(Request(JobKind.Train), isAsked: true, nowMs: 2).Id);
        Assert.Single(_registry.Newest);
    }

    [Fact]
    public void A_second_job_of_a_kind_with_other_parameters_is_another_job()
    {
        JobStatus users = _registry.Add(Export("users"), isAsked: true, nowMs: 1);
        JobStatus items = _registry.Add(Export("items"), isAsked: true, nowMs: 2);

        Assert.NotEqual(users.Id, items.Id);
        Assert.Equal(items.Id, _registry.Add(Export("items"), isAsked: true, nowMs: 3).Id);
    }

    [Fact]
    public void A_scheduled_training_is_the_same_job_as_a_requested_one()
    {
        JobStatus asked = _registry.Add(Request(JobKind.Train), isAsked: true, nowMs: 1);

        JobRequest scheduled = new(JobKind.Train, ImmutableSortedDictionary<string, string>.Empty.Add(JobRegistry.Scheduled, "true"));
        Assert.Equal(asked.Id, _registry.Add(scheduled, isAsked: false, nowMs: 2).Id);
    }

    [Fact]
    public void Jobs_beyond_the_queue_limit_are_refused()
    {
        for (int number = 0; number < JobRegistry.QueuedMax; number++)
        {
            _registry.Add(Export($"{number}"), isAsked: true, nowMs: 1);
        }

        Assert.Contains("16 jobs are queued", Assert.Throws<OverloadedException>(() => _registry.Add(Export("more"), isAsked: true, nowMs: 2)).Message, StringComparison.Ordinal);
        Assert.Equal(JobRegistry.QueuedMax, _registry.Newest.Count);
    }

    [Fact]
    public void A_queued_job_is_cancelled_at_once_and_a_running_one_is_requested_to_stop()
    {
        JobStatus running = _registry.Add(Request(JobKind.Train), isAsked: true, nowMs: 1);
        JobStatus waiting = _registry.Add(Request(JobKind.Rebuild), isAsked: true, nowMs: 1);
        _registry.TryStartNext(2, out _, out _);

        Assert.False(_registry.TryCancel(waiting.Id, 3));
        Assert.Equal(JobState.Cancelled, _registry.Get(waiting.Id)?.State);
        Assert.True(_registry.TryCancel(running.Id, 3));
        Assert.Equal(JobState.Running, _registry.Get(running.Id)?.State);
        Assert.False(_registry.TryCancel("no such job", 3));
    }

    [Fact]
    public void A_scheduled_training_without_new_records_is_removed_from_the_list()
    {
        JobStatus scheduled = _registry.Add(Request(JobKind.Train), isAsked: false, nowMs: 1);
        _registry.TryStartNext(2, out _, out _);
        _registry.Succeeded(scheduled.Id, new JobOutcome("nothing new") { IsNothing = true }, 3);
        Assert.Empty(_registry.Newest);

        JobStatus asked = _registry.Add(Request(JobKind.Train), isAsked: true, nowMs: 4);
        _registry.TryStartNext(5, out _, out _);
        _registry.Succeeded(asked.Id, new JobOutcome("nothing new") { IsNothing = true }, 6);
        Assert.Equal("nothing new", Assert.Single(_registry.Newest).Message);
    }

    [Fact]
    public void Only_the_newest_jobs_are_kept()
    {
        for (int i = 0; i < JobRegistry.JobsMax + 20; i++)
        {
            JobStatus job = _registry.Add(Request(JobKind.Train), isAsked: true, nowMs: i);
            _registry.TryStartNext(i, out _, out _);
            _registry.Failed(job.Id, "no", i);
        }

        Assert.Equal(JobRegistry.JobsMax, _registry.Newest.Count);
        Assert.Equal(JobRegistry.JobsMax + 19, _registry.Newest[0].FinishedAtMs);
    }

    private static JobRequest Request(JobKind kind) => new(kind, ImmutableSortedDictionary<string, string>.Empty);

    private static JobRequest Export(string what) =>
        new(JobKind.Export, ImmutableSortedDictionary<string, string>.Empty.Add("what", what));
}
