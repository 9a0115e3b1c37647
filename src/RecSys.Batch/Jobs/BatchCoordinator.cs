using System.Collections.Immutable;
using Akka.Actor;
using Microsoft.Extensions.Logging;
using RecSys.Core.Diagnostics;
using RecSys.Core.Jobs;
using RecSys.Core.Ports;

namespace RecSys.Batch.Jobs;

/// <summary>Runs the stored jobs one at a time, and queues scheduled trainings. It is a cluster singleton; the jobs run on other threads.</summary>
/// <remarks>
/// The jobs are rows of the control store, which every node reads and changes by compare-and-set. When a coordinator starts, it claims the jobs, and queues again those that an earlier coordinator left running.
/// If the cluster is split, two coordinators may exist for some seconds. The earlier one then reads the claim of the other, cancels its job, and waits before it claims the jobs again.
/// </remarks>
internal sealed partial class BatchCoordinator : ReceiveActor
{
    /// <summary>The time between two readings of the jobs if no change is announced.</summary>
    private static readonly TimeSpan ReadEvery = TimeSpan.FromSeconds(5);

    /// <summary>The shortest time between two saves of a job's progress.</summary>
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(1);

    /// <summary>The time after which a coordinator that was replaced claims the jobs again; it is longer than a split lasts.</summary>
    private static readonly TimeSpan ClaimAgainAfter = TimeSpan.FromSeconds(30);

    private static readonly JobRequest ScheduledTraining =
        new(JobKind.Train, ImmutableSortedDictionary<string, string>.Empty.Add(JobRules.Scheduled, "true"));

    private readonly ImmutableDictionary<JobKind, JobDefinition> _definitions;
    private readonly CoordinatorServices _services;
    private readonly ILogger _log;
    private readonly IActorRef _self;
    private readonly string _runner;
    private readonly LogLimiter _unavailable = new();
    private readonly List<ITimer> _timers = [];
    private Running? _running;
    private bool _hasClaimed;
    private bool _isTrainingDue;
    private long? _replacedAt;
    private int _isWakeQueued;
    private volatile bool _isStopped;

    public BatchCoordinator(IEnumerable<JobDefinition> definitions, CoordinatorServices services)
    {
        _definitions = definitions.ToImmutableDictionary(job => job.Kind);
        _services = services;
        _log = services.Log;
        _self = Self;
        _runner = $"{services.Node}#{Self.Path.Uid}";
        ReceiveAsync<BatchMessage.Wake>(_ => WakeAsync());
        ReceiveAsync<BatchMessage.Due>(_ => QueueScheduledAsync());
        ReceiveAsync<BatchMessage.Progressed>(OnProgressedAsync);
        ReceiveAsync<BatchMessage.Ended>(OnEndedAsync);
    }

    private long NowMs => _services.Clock.GetUtcNow().ToUnixTimeMilliseconds();

    protected override void PreStart()
    {
        _services.Jobs.Changed += Wake;
        BatchOptions options = _services.Options;
        if (options.Interval > TimeSpan.Zero && _definitions.ContainsKey(JobKind.Train) && _services.OwnJobs is null)
        {
            _timers.Add(_services.Clock.CreateTimer(_ => _self.Tell(new BatchMessage.Due()), state: null, options.FirstAfter, options.Interval));
        }

        _timers.Add(_services.Clock.CreateTimer(_ => Wake(), state: null, TimeSpan.Zero, ReadEvery));
    }

    protected override void PostStop()
    {
        _isStopped = true;
        _services.Jobs.Changed -= Wake;
        _timers.ForEach(timer => timer.Dispose());
        _running?.Cancel();
        _services.Meter.Running(false);
    }

    private void Wake()
    {
        if (Interlocked.Exchange(ref _isWakeQueued, 1) == 0)
        {
            _self.Tell(BatchMessage.Wake.Instance);
        }
    }

    private async Task WakeAsync()
    {
        Volatile.Write(ref _isWakeQueued, 0);
        if (_isTrainingDue)
        {
            await QueueScheduledAsync();
        }

        try
        {
            if (!await TryLeadAsync())
            {
                return;
            }

            IReadOnlyList<JobRow> rows = await _services.Jobs.ListAsync(CancellationToken.None);
            if (await UpdateRunningAsync(rows) || await UpdateOthersAsync(rows) || await StartNextAsync(rows))
            {
                Wake();
            }
        }
        catch (StoreUnavailableException error)
        {
            LogUnavailable(error); // the timer wakes this actor again
        }
    }

    /// <summary>Returns whether this coordinator is the one that claimed the jobs last; claims them if it may.</summary>
    private async Task<bool> TryLeadAsync()
    {
        (string name, long version) = await _services.Jobs.CoordinatorAsync(CancellationToken.None);
        if (name == _runner)
        {
            _replacedAt = null;
            return true;
        }

        if (_hasClaimed && _replacedAt is null)
        {
            _replacedAt = _services.Clock.GetTimestamp();
            LogReplaced(name);
            _running?.Abandon();
        }

        if (_replacedAt is { } since && _services.Clock.GetElapsedTime(since) < ClaimAgainAfter)
        {
            return false;
        }

        if (await _services.Jobs.TryClaimAsync(_runner, version, CancellationToken.None))
        {
            (_hasClaimed, _replacedAt) = (true, null);
            return true;
        }

        Wake();
        return false;
    }

    /// <summary>Queues a scheduled training; while the store is unavailable, each wake-up tries again.</summary>
    private async Task QueueScheduledAsync()
    {
        _isTrainingDue = false;
        try
        {
            await _services.Jobs.AddAsync(ScheduledTraining, isAsked: false, NowMs, CancellationToken.None);
        }
        catch (OverloadedException)
        {
            // The queue is full and contains no scheduled training. The next training is due after the interval.
        }
        catch (StoreUnavailableException error)
        {
            _isTrainingDue = true;
            LogUnavailable(error);
        }
    }

    /// <summary>Saves the progress or the end of the running job. Cancels the job if that is requested, or if another coordinator has taken it.</summary>
    /// <returns>Whether the rows have changed.</returns>
    private async Task<bool> UpdateRunningAsync(IReadOnlyList<JobRow> rows)
    {
        if (_running is not { } running)
        {
            return false;
        }

        JobRow row = rows.FirstOrDefault(row => row.Job.Status.Id == running.Id);
        if (row.Job?.Runner != _runner || running.IsAbandoned)
        {
            running.Abandon();
            if (running.Ended is not null)
            {
                Clear();
            }

            return false;
        }

        if (running.Ended is { } ended)
        {
            StoredJob? job = EndOf(row.Job, ended);
            bool isSaved = job is null
                ? await _services.Jobs.TryDeleteAsync(row, CancellationToken.None)
                : await _services.Jobs.TrySetAsync(job, row.Version, CancellationToken.None) is not null;
            if (isSaved)
            {
                Clear();
                Report(job ?? row.Job with { Status = row.Job.Status with { State = JobState.Succeeded } }, ended);
            }

            return true;
        }

        if (row.Job.IsCancelRequested)
        {
            running.Cancel();
        }
        else if (running.Unsaved is { } progress && IsProgressDue(running) && await _services.Jobs.TrySetAsync(JobRules.Progressed(row.Job, progress), row.Version, CancellationToken.None) is not null)
        {
            running.Unsaved = null;
            running.SavedAt = _services.Clock.GetTimestamp();
        }

        return false;
    }

    /// <summary>Queues again the jobs whose coordinator ended, cancels repeated jobs, and deletes the oldest ones above the limit.</summary>
    /// <returns>Whether the rows have changed.</returns>
    private async Task<bool> UpdateOthersAsync(IReadOnlyList<JobRow> rows)
    {
        StoredJob[] jobs = [.. rows.Select(row => row.Job)];
        Dictionary<string, long> versions = rows.ToDictionary(row => row.Job.Status.Id, row => row.Version, StringComparer.Ordinal);
        bool hasChanged = false;
        foreach (StoredJob job in jobs.Where(job => job.Status.State == JobState.Running && job.Status.Id != _running?.Id))
        {
            StoredJob interrupted = JobRules.Interrupted(job, NowMs);
            LogInterrupted(job.Status.Id, job.Runner);
            hasChanged = true;
            if (await _services.Jobs.TrySetAsync(interrupted, versions[job.Status.Id], CancellationToken.None) is not null && JobRules.IsOver(interrupted))
            {
                Report(interrupted, ended: null);
            }
        }

        foreach (StoredJob job in JobRules.Repeated(jobs, NowMs))
        {
            hasChanged = true;
            await _services.Jobs.TrySetAsync(job, versions[job.Status.Id], CancellationToken.None);
        }

        foreach (StoredJob job in JobRules.TooOld(jobs))
        {
            await _services.Jobs.TryDeleteAsync(new JobRow(job, versions[job.Status.Id]), CancellationToken.None);
        }

        return hasChanged;
    }

    /// <summary>Starts the next queued job if none runs.</summary>
    /// <returns>Whether the rows have changed.</returns>
    private async Task<bool> StartNextAsync(IReadOnlyList<JobRow> rows)
    {
        StoredJob[] mine = [.. rows.Select(row => row.Job).Where(job => _services.OwnJobs?.ContainsKey(job.Status.Id) is not false)];
        if (_running is not null || JobRules.Next(mine) is not { } next)
        {
            return false;
        }

        long version = rows.First(row => row.Job == next).Version;
        if (!_definitions.TryGetValue(next.Request.Kind, out JobDefinition? definition))
        {
            StoredJob failed = JobRules.Failed(next, $"this node does not run jobs of the kind {next.Request.Kind}", NowMs);
            if (await _services.Jobs.TrySetAsync(failed, version, CancellationToken.None) is not null)
            {
                Report(failed, ended: null);
            }

            return true;
        }

        if (await _services.Jobs.TrySetAsync(JobRules.Started(next, _runner, _services.Node, NowMs), version, CancellationToken.None) is null)
        {
            return true;
        }

        Run(next.Status.Id, definition, next.Request);
        return false;
    }

    private void Run(string id, JobDefinition job, JobRequest request)
    {
        LogStarted(id);
        _services.Meter.Running(true);
        CancellationTokenSource cancelling = new();
        CancellationToken cancellation = cancelling.Token;
        _running = new Running(id, cancelling.Cancel);
        IActorRef self = _self;
        _services.Live.Start(id);
        ProgressFilter filter = new(progress =>
        {
            _services.Live.Report(id, progress);
            self.Tell(new BatchMessage.Progressed(id, progress));
        });
        Task.Run(() => RunAloneAsync(job, request, filter.Tell, cancellation), CancellationToken.None).ContinueWith(
            task =>
            {
                // If the coordinator has stopped, it has cancelled the job, whose end is not reported.
                if (!_isStopped)
                {
                    self.Tell(new BatchMessage.Ended(
                        id, task.IsCompletedSuccessfully ? task.Result : null, task.Exception?.GetBaseException()));
                }
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    // Waits for the job of an earlier coordinator on this node, which may still be running although that coordinator was stopped.
    private async Task<JobOutcome> RunAloneAsync(JobDefinition job, JobRequest request, Action<JobProgress> progress, CancellationToken cancellationToken)
    {
        await _services.OneAtATime.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await job.RunAsync(request, progress, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _services.OneAtATime.Release();
        }
    }

    private async Task OnProgressedAsync(BatchMessage.Progressed report)
    {
        if (_running is { } running && running.Id == report.Id)
        {
            running.Unsaved = report.Progress;
            if (IsProgressDue(running))
            {
                await WakeAsync();
            }
        }
    }

    private bool IsProgressDue(Running running) => running.SavedAt is not { } savedAt || _services.Clock.GetElapsedTime(savedAt) >= ProgressEvery;

    private async Task OnEndedAsync(BatchMessage.Ended ended)
    {
        if (_running is { } running && running.Id == ended.Id)
        {
            running.Ended = ended;
            await WakeAsync();
        }
    }

    private StoredJob? EndOf(StoredJob job, BatchMessage.Ended ended) =>
        ended.Outcome is { } outcome ? JobRules.Succeeded(job, outcome, NowMs)
        : ended.Error is null or OperationCanceledException ? JobRules.Cancelled(job, NowMs)
        : JobRules.Failed(job, ended.Error.Message, NowMs);

    private void Clear()
    {
        _running = null;
        _services.Meter.Running(false);
    }

    private void Report(StoredJob job, BatchMessage.Ended? ended)
    {
        _services.Meter.Ended(job.Status);
        LogEnded(job.Status.Id, job.Status.State, job.Status.Message);
        if (ended?.Error is { } error and not OperationCanceledException)
        {
            LogFailed(job.Status.Id, error);
        }
    }

    private void LogUnavailable(StoreUnavailableException error)
    {
        if (_unavailable.TryPass(_services.Clock, out long leftOut))
        {
            LogUnavailable(error, leftOut);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "job {Job} was started")]
    private partial void LogStarted(string job);

    [LoggerMessage(Level = LogLevel.Information, Message = "job {Job} {State}: {Message}")]
    private partial void LogEnded(string job, JobState state, string? message);

    [LoggerMessage(Level = LogLevel.Error, Message = "job {Job} failed")]
    private partial void LogFailed(string job, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "job {Job} was interrupted, because its coordinator {Runner} ended")]
    private partial void LogInterrupted(string job, string runner);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the coordinator {Other} has claimed the jobs; this coordinator cancels the job that it runs")]
    private partial void LogReplaced(string other);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the jobs in the control store cannot be read or changed now; the coordinator reads them again within 5 s ({LeftOut} more failures since the last logged one)")]
    private partial void LogUnavailable(Exception cause, long leftOut);

    /// <summary>The job that this coordinator runs.</summary>
    private sealed class Running(string id, Action cancel)
    {
        public string Id { get; } = id;

        public Action Cancel { get; } = cancel;

        /// <summary>Gets whether another coordinator has taken the job, so that this one does not save its end.</summary>
        public bool IsAbandoned { get; private set; }

        /// <summary>Gets or sets the newest progress; null if it is saved.</summary>
        public JobProgress? Unsaved { get; set; }

        /// <summary>Gets or sets the timestamp at which progress was last saved; null if none was.</summary>
        public long? SavedAt { get; set; }

        /// <summary>Gets or sets the end of the job, which is not saved yet; null while the job runs.</summary>
        public BatchMessage.Ended? Ended { get; set; }

        /// <summary>Cancels the job without saving its end.</summary>
        public void Abandon()
        {
            IsAbandoned = true;
            Cancel();
        }
    }
}
