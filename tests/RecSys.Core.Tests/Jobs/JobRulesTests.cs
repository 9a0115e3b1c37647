using System.Collections.Immutable;
using RecSys.Core.Jobs;
using Xunit;

namespace RecSys.Core.Tests.Jobs;

public sealed class JobRulesTests
{
    private readonly List<StoredJob> _jobs = [];

    [Fact]
    public void One_job_runs_at_a_time_first_come_first_served()
    {
        StoredJob evaluate = Add(JobKind.Evaluate, nowMs: 2);
        StoredJob train = Add(JobKind.Train, nowMs: 1);

        Assert.Equal(train, JobRules.Next(_jobs));
        Replace(train, JobRules.Started(train, "here#1", "here", 3));
        Assert.Null(JobRules.Next(_jobs));
        Replace(_jobs[1], JobRules.Succeeded(_jobs[1], new JobOutcome("done"), 5)!);
        Assert.Equal(evaluate, JobRules.Next(_jobs));
    }

    [Fact]
    public void Jobs_run_in_the_order_of_their_requests_whatever_the_clocks_of_their_nodes()
    {
        StoredJob first = JobRules.Queued([], Request(JobKind.Train), true, nowMs: 1_000, 9);
        StoredJob second = JobRules.Queued([first], Request(JobKind.Evaluate), true, nowMs: 1_000, 1);
        StoredJob third = JobRules.Queued([second, first], Request(JobKind.Rebuild), true, nowMs: 0, 1);

        Assert.Equal(first, JobRules.Next([third, second, first]));
        Assert.Equal(second, JobRules.Next([third, second]));
        Assert.Equal("train-19700101-000001-9", first.Status.Id);
    }

    [Fact]
    public void A_job_does_not_end_before_it_began_if_the_clock_goes_back()
    {
        StoredJob running = JobRules.Started(Add(JobKind.Train, 10), "here#1", "here", 20);

        Assert.Equal(20, JobRules.Succeeded(running, new JobOutcome("done"), nowMs: 5)?.Status.FinishedAtMs);
    }

    [Fact]
    public void The_same_job_is_found_until_it_has_ended()
    {
        StoredJob users = Add(JobKind.Export, 1, "users");

        Assert.Null(JobRules.FindSame(_jobs, Export("items")));
        Assert.Equal(users, JobRules.FindSame(_jobs, Export("users")));
        Replace(users, JobRules.Failed(users, "no", 2));
        Assert.Null(JobRules.FindSame(_jobs, Export("users")));
    }

    [Fact]
    public void A_scheduled_training_is_the_same_job_as_a_requested_one()
    {
        StoredJob asked = Add(JobKind.Train, 1);

        Assert.Equal(asked, JobRules.FindSame(_jobs, new JobRequest(JobKind.Train, ImmutableSortedDictionary<string, string>.Empty.Add(JobRules.Scheduled, "true"))));
    }

    [Fact]
    public void Jobs_that_two_nodes_queued_at_once_are_cancelled_but_for_the_first()
    {
        StoredJob first = Add(JobKind.Train, 1);
        StoredJob second = JobRules.Queued([], Request(JobKind.Train), true, 1, 2);
        _jobs.Add(second);
        Add(JobKind.Export, 2, "users");

        StoredJob repeated = Assert.Single(JobRules.Repeated(_jobs, 9));

        Assert.Equal((second.Status.Id, JobState.Cancelled), (repeated.Status.Id, repeated.Status.State));
        Assert.Contains(first.Status.Id, repeated.Status.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Jobs_beyond_the_queue_limit_have_no_room()
    {
        for (int number = 0; number < JobRules.QueuedMax; number++)
        {
            Assert.True(JobRules.HasRoom(_jobs));
            Add(JobKind.Export, 1, $"{number}");
        }

        Assert.False(JobRules.HasRoom(_jobs));
    }

    [Fact]
    public void A_queued_job_is_cancelled_at_once_and_a_running_one_is_requested_to_stop()
    {
        StoredJob waiting = Add(JobKind.Evaluate, 1);
        StoredJob running = JobRules.Started(waiting, "here#1", "here", 2);

        Assert.Equal(JobState.Cancelled, JobRules.CancelRequested(waiting, 3).Status.State);
        StoredJob requested = JobRules.CancelRequested(running, 3);
        Assert.Equal((JobState.Running, true), (requested.Status.State, requested.IsCancelRequested));
        Assert.Equal(JobState.Cancelled, JobRules.Interrupted(requested, 4).Status.State);
        StoredJob ended = JobRules.Failed(running, "no", 4);
        Assert.Same(ended, JobRules.CancelRequested(ended, 5));
    }

    [Fact]
    public void A_job_whose_coordinator_ended_is_queued_in_its_place_and_fails_after_five_starts()
    {
        StoredJob train = Add(JobKind.Train, 1);
        Add(JobKind.Rebuild, 2);
        for (int start = 1; start < JobRules.StartsMax; start++)
        {
            StoredJob running = JobRules.Progressed(JobRules.Started(train, $"here#{start}", "here", 3), new JobProgress("half", 0.5));
            StoredJob again = JobRules.Interrupted(running, 4);
            Assert.Equal((JobState.Queued, 0, "", start), (again.Status.State, again.Status.Progress, again.Runner, again.Starts));
            Replace(train, again);
            Assert.Equal(train = again, JobRules.Next(_jobs));
        }

        StoredJob failed = JobRules.Interrupted(JobRules.Started(train, "here#5", "here", 3), 4);
        Assert.Equal(JobState.Failed, failed.Status.State);
        Assert.Contains("5 times", failed.Status.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_orderly_stop_is_not_counted()
    {
        StoredJob running = JobRules.Started(Add(JobKind.Train, 1), "here#1", "here", 2);

        StoredJob released = JobRules.Released(running, 3);

        Assert.Equal((JobState.Queued, 0, ""), (released.Status.State, released.Starts, released.Runner));
    }

    [Fact]
    public void A_rebuild_that_was_interrupted_is_not_started_again()
    {
        StoredJob running = JobRules.Started(Add(JobKind.Rebuild, 1), "here#1", "here", 2);

        foreach (StoredJob ended in (StoredJob[])[JobRules.Interrupted(running, 3), JobRules.Released(running, 3)])
        {
            Assert.Equal((JobState.Failed, ""), (ended.Status.State, ended.Runner));
            Assert.Contains("start the job again", ended.Status.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_scheduled_training_without_new_records_is_removed_from_the_list()
    {
        StoredJob scheduled = JobRules.Queued([], Request(JobKind.Train), isAsked: false, 1, 1);

        Assert.Null(JobRules.Succeeded(scheduled, new JobOutcome("nothing new") { IsNothing = true }, 3));
        Assert.Equal("nothing new", JobRules.Succeeded(scheduled with { IsAsked = true }, new JobOutcome("nothing new") { IsNothing = true }, 3)?.Status.Message);
    }

    [Fact]
    public void Only_the_newest_jobs_are_kept()
    {
        for (int number = 0; number < JobRules.JobsMax + 20; number++)
        {
            _jobs.Add(JobRules.Failed(Add(JobKind.Train, number), "no", number));
            _jobs.RemoveAt(_jobs.Count - 2);
        }

        StoredJob queued = JobRules.Queued([], Request(JobKind.Rebuild), true, 0, 1);
        StoredJob[] old = [.. JobRules.TooOld([.. _jobs, queued])];

        Assert.Equal(Enumerable.Range(0, 21).Select(number => (long)number), old.Select(job => job.CreatedAtMs));
        Assert.DoesNotContain(queued, old);
        Assert.Equal(_jobs.AsEnumerable().Reverse(), JobRules.NewestFirst(_jobs));
    }

    private static JobRequest Request(JobKind kind) => new(kind, ImmutableSortedDictionary<string, string>.Empty);

    private static JobRequest Export(string what) => new(JobKind.Export, ImmutableSortedDictionary<string, string>.Empty.Add("what", what));

    private StoredJob Add(JobKind kind, long nowMs, string? what = null)
    {
        StoredJob job = JobRules.Queued([], what is null ? Request(kind) : Export(what), isAsked: true, nowMs, 1 + _jobs.Count);
        _jobs.Add(job);
        return job;
    }

    private void Replace(StoredJob old, StoredJob now) => _jobs[_jobs.IndexOf(old)] = now;
}
