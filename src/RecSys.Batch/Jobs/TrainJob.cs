using RecSys.Core.Jobs;
using RecSys.Core.Log;

namespace RecSys.Batch.Jobs;

/// <summary>Runs trainings as jobs. A scheduled training is skipped if the log contains no new records since the last training.</summary>
internal sealed class TrainJob(Trainer trainer)
{
    // The watermark of the newest training, whether its model was published or not. Only one job runs at a time.
    private LogPosition? _trainedUpTo;

    public JobDefinition Definition => new(JobKind.Train, [], RunAsync);

    private async Task<JobOutcome> RunAsync(JobRequest request, Action<JobProgress> progress, CancellationToken cancellationToken)
    {
        LogPosition? since = null;
        if (request.Parameters.ContainsKey(JobRules.Scheduled))
        {
            since = _trainedUpTo ?? await trainer.TrainedUpToAsync(cancellationToken).ConfigureAwait(false) ?? LogPosition.Start;
        }

        TrainingOutcome outcome = await trainer.TrainAsync(since, progress, cancellationToken).ConfigureAwait(false);
        _trainedUpTo = outcome.Watermark;
        return new JobOutcome(outcome.Message)
        {
            IsNothing = outcome.Result is TrainingResult.NothingNew or TrainingResult.TooLittle,
            ModelVersion = outcome.Card?.Version,
            Metrics = outcome.Metrics,
        };
    }
}
