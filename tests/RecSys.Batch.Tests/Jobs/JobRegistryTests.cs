using System.Collections.Immutable;
using RecSys.Batch.Jobs;
using RecSys.Core.Jobs;
using RecSys.Core.Ports;
using Xunit;

namespace RecSys.Batch.Tests.Jobs;

public sealed class JobRegistryTests
{
    private readonly JobRegistry _book = new();

    [Fact]
    public void One_job_runs_at_a_time_first_come_first_served()
    {
        JobStatus train = _book.Add(Request(JobKind.Train), isAsked: true, nowMs: 1);
        JobStatus evaluate = _book.Add(Request(JobKind.Evaluate), isAsked: true, nowMs: 2);

        Assert.True(_book.TryStartNext(3, out JobStatus first, out _));
        Assert.False(_book.TryStartNext(4, out _, out _));
        Assert.Equal(train.Id, first.Id);
        _book.Succeeded(train.Id, new JobOutcome("done"), 5);
        Assert.True(_book.TryStartNext(6, out JobStatus second, out _));

        Assert.Equal(evaluate.Id, second.Id);
        Assert.Equal(JobState.Running, second.State);
        Assert.Equal(6, second.StartedAtMs);
    }

    [Fact]
    public void A_job_does_not_end_before_it_began_if_the_clock_goes_back()
    {
        JobStatus train = _book.Add(Request(JobKind.Train), isAsked: true, nowMs: 10);
        _book.TryStartNext(20, out _, out _);

        Assert.Equal(20, _book.Succeeded(train.Id, new JobOutcome("done"), nowMs: 5)?.FinishedAtMs);
    }

    [Fact]
    public void Starting_the_same_job_again_returns_the_first_one()
    {
        JobStatus first = _book.Add(Request(JobKind.Train), isAsked: true, nowMs: 1);

        Assert.Equal(first.Id, _book.Add(Request(JobKind.Train), isAsked: true, nowMs: 2).Id);
        Assert.Single(_book.Newest);
    }

    [Fact]
    public void A_second_job_of_a_kind_with_other_parameters_is_another_job()
    {
        JobStatus users = _book.Add(Export("users"), isAsked: true, nowMs: 1);
        JobStatus items = _book.Add(Export("items"), isAsked: true, nowMs: 2);

        Assert.NotEqual(users.Id, items.Id);
        Assert.Equal(items.Id, _book.Add(Export("items"), isAsked: true, nowMs: 3).Id);
    }

    [Fact]
    public void A_scheduled_training_is_the_same_job_as_a_requested_one()
    {
        JobStatus asked = _book.Add(Request(JobKind.Train), isAsked: true, nowMs: 1);

        JobRequest scheduled = new(JobKind.Train, ImmutableSortedDictionary<string, string>.Empty.Add(JobRegistry.Scheduled, "true"));
        Assert.Equal(asked.Id, _book.Add(scheduled, isAsked: false, nowMs: 2).Id);
    }

    [Fact]
    public void Jobs_beyond_the_queue_limit_are_refused()
    {
        for (int number = 0; number < JobRegistry.QueuedMax; number++)
        {
            _book.Add(Export($"{number}"), isAsked: true, nowMs: 1);
        }

        Assert.Contains("16 jobs are queued", Assert.Throws<OverloadedException>(() => _book.Add(Export("more"), isAsked: true, nowMs: 2)).Message, StringComparison.Ordinal);
        Assert.Equal(JobRegistry.QueuedMax, _book.Newest.Count);
    }

    [Fact]
    public void A_queued_job_is_cancelled_at_once_and_a_running_one_is_requested_to_stop()
    {
        JobStatus running = _book.Add(Request(JobKind.Train), isAsked: true, nowMs: 1);
        JobStatus waiting = _book.Add(Request(JobKind.Rebuild), isAsked: true, nowMs: 1);
        _book.TryStartNext(2, out _, out _);

        Assert.False(_book.TryCancel(waiting.Id, 3));
        Assert.Equal(JobState.Cancelled, _book.Get(waiting.Id)?.State);
        Assert.True(_book.TryCancel(running.Id, 3));
        Assert.Equal(JobState.Running, _book.Get(running.Id)?.State);
        Assert.False(_book.TryCancel("no such job", 3));
    }

    [Fact]
    public void A_scheduled_training_without_new_records_is_removed_from_the_list()
    {
        JobStatus scheduled = _book.Add(Request(JobKind.Train), isAsked: false, nowMs: 1);
        _book.TryStartNext(2, out _, out _);
        _book.Succeeded(scheduled.Id, new JobOutcome("nothing new") { IsNothing = true }, 3);
        Assert.Empty(_book.Newest);

        JobStatus asked = _book.Add(Request(JobKind.Train), isAsked: true, nowMs: 4);
        _book.TryStartNext(5, out _, out _);
        _book.Succeeded(asked.Id, new JobOutcome("nothing new") { IsNothing = true }, 6);
        Assert.Equal("nothing new", Assert.Single(_book.Newest).Message);
    }

    [Fact]
    public void Only_the_newest_jobs_are_kept()
    {
        for (int i = 0; i < JobRegistry.JobsMax + 20; i++)
        {
            JobStatus job = _book.Add(Request(JobKind.Train), isAsked: true, nowMs: i);
            _book.TryStartNext(i, out _, out _);
            _book.Failed(job.Id, "no", i);
        }

        Assert.Equal(JobRegistry.JobsMax, _book.Newest.Count);
        Assert.Equal(JobRegistry.JobsMax + 19, _book.Newest[0].FinishedAtMs);
    }

    private static JobRequest Request(JobKind kind) => new(kind, ImmutableSortedDictionary<string, string>.Empty);

    private static JobRequest Export(string what) =>
        new(JobKind.Export, ImmutableSortedDictionary<string, string>.Empty.Add("what", what));
}
