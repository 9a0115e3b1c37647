using System.Collections.Immutable;
using Akka.Actor;
using Microsoft.Extensions.Logging;
using RecSys.Core.Jobs;
using RecSys.Core.Ports;

namespace RecSys.Batch.Jobs;

/// <summary>Runs jobs one at a time, on schedule and on demand. The work runs on other threads.</summary>
internal sealed partial class BatchCoordinator : ReceiveActor
{
    private static readonly JobRequest ScheduledTraining =
        new(JobKind.Train, ImmutableSortedDictionary<string, string>.Empty.Add(JobRegistry.Scheduled, "true"));

    private readonly ImmutableDictionary<JobKind, JobDefinition> _jobs;
    private readonly BatchOptions _options;
    private readonly TimeProvider _clock;
    private readonly BatchMeter _meter;
    private readonly ILogger _log;
    private readonly JobRegistry _registry = new();
    private ITimer? _timer;
    private Action? _cancelRunning;
    private volatile bool _isStopped;

    public BatchCoordinator(
        IEnumerable<JobDefinition> jobs, BatchOptions options, TimeProvider clock, BatchMeter meter, ILogger<BatchCoordinator> log)
    {
        _jobs = jobs.ToImmutableDictionary(job => job.Kind);
        _options = options;
        _clock = clock;
        _meter = meter;
        _log = log;
        Receive<BatchMessage.Start>(start => Sender.Tell(Answer(start)));
        Receive<BatchMessage.Get>(get => Sender.Tell(new BatchMessage.Found(_registry.Get(get.Id))));
        Receive<BatchMessage.List>(_ => Sender.Tell(new BatchMessage.Listed(_registry.Newest)));
        Receive<BatchMessage.Cancel>(Cancel);
        Receive<BatchMessage.Due>(_ => Answer(new BatchMessage.Start(ScheduledTraining) { IsScheduled = true }));
        Receive<BatchMessage.Progressed>(report => _registry.Progress(report.Id, report.Progress.Stage, report.Progress.Done));
        Receive<BatchMessage.Ended>(OnEnded);
    }

    private long NowMs => _clock.GetUtcNow().ToUnixTimeMilliseconds();

    protected override void PreStart()
    {
        if (_options.Interval > TimeSpan.Zero && _jobs.ContainsKey(JobKind.Train))
        {
            IActorRef self = Self;
            _timer = _clock.CreateTimer(_ => self.Tell(new BatchMessage.Due()), state: null, _options.FirstAfter, _options.Interval);
        }
    }

    protected override void PostStop()
    {
        _isStopped = true;
        _timer?.Dispose();
        _cancelRunning?.Invoke();
        _meter.Running(false);
    }

    private BatchMessage Answer(BatchMessage.Start start)
    {
        JobStatus status;
        try
        {
            status = _registry.Add(start.Request, isAsked: !start.IsScheduled, NowMs);
        }
        catch (OverloadedException overloaded)
        {
            return new BatchMessage.Refused(overloaded.Message);
        }

        RunNext();
        return new BatchMessage.Found(_registry.Get(status.Id) ?? status);
    }

    private void Cancel(BatchMessage.Cancel cancel)
    {
        if (_registry.TryCancel(cancel.Id, NowMs))
        {
            _cancelRunning?.Invoke();
        }

        Sender.Tell(new BatchMessage.Found(_registry.Get(cancel.Id)));
    }

    private void RunNext()
    {
        while (_registry.TryStartNext(NowMs, out JobStatus status, out JobRequest request))
        {
            if (_jobs.TryGetValue(request.Kind, out JobDefinition? job))
            {
                Run(status.Id, job, request);
                return;
            }

            Finish(_registry.Failed(status.Id, $"this node does not run jobs of the kind {request.Kind}", NowMs));
        }
    }

    private void Run(string id, JobDefinition job, JobRequest request)
    {
        LogStarted(id);
        _meter.Running(true);
        CancellationTokenSource running = new();
        _cancelRunning = running.Cancel;
        CancellationToken cancellation = running.Token;
        IActorRef self = Self;
        ProgressFilter filter = new(progress => self.Tell(new BatchMessage.Progressed(id, progress)));
        Task.Run(() => job.RunAsync(request, filter.Tell, cancellation), CancellationToken.None).ContinueWith(
            task =>
            {
                // The coordinator stopped and cancelled the job: its end is not reported.
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

    private void OnEnded(BatchMessage.Ended ended)
    {
        bool wasCancelled = ended.Error is null or OperationCanceledException;
        Finish(
            ended.Outcome is { } outcome ? _registry.Succeeded(ended.Id, outcome, NowMs)
            : wasCancelled ? _registry.Cancelled(ended.Id, NowMs)
            : _registry.Failed(ended.Id, ended.Error!.Message, NowMs));
        if (ended.Error is not null and not OperationCanceledException)
        {
            LogFailed(ended.Id, ended.Error);
        }

        _cancelRunning = null;
        _meter.Running(false);
        RunNext();
    }

    private void Finish(JobStatus? status)
    {
        if (status is not null)
        {
            _meter.Ended(status);
            LogEnded(status.Id, status.State, status.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "job {Job} began")]
    private partial void LogStarted(string job);

    [LoggerMessage(Level = LogLevel.Information, Message = "job {Job} {State}: {Message}")]
    private partial void LogEnded(string job, JobState state, string? message);

    [LoggerMessage(Level = LogLevel.Error, Message = "job {Job} failed")]
    private partial void LogFailed(string job, Exception exception);
}
