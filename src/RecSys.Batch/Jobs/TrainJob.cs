using RecSys.Batch.Training;
using RecSys.Core.Log;
using RecSys.Core.Models;

namespace RecSys.Batch.Jobs;

/// <summary>Trainings as jobs: one that nobody asked for is skipped where the log holds nothing that was not looked at.</summary>
internal sealed class TrainJob(Trainer trainer)
{
    // How far the newest training looked, published or not; one job runs at a time.
    private LogPosition? _lookedUpTo;

    public async Task<JobOutcome> RunAsync(JobRequest request, Action<TrainingProgress> progress, CancellationToken cancellationToken)
    {
        LogPosition? since = null;
        if (request.Parameters.ContainsKey(BatchCoordinator.Scheduled))
        {
            since = _lookedUpTo ?? await trainer.TrainedUpToAsync(cancellationToken).ConfigureAwait(false) ?? LogPosition.Start;
        }

        TrainingOutcome outcome = await trainer.TrainAsync(since, progress, cancellationToken).ConfigureAwait(false);
        _lookedUpTo = outcome.Watermark;
        return new JobOutcome(outcome.Message)
        {
            IsNothing = outcome.Result is TrainingResult.NothingNew or TrainingResult.TooLittle,
            ModelVersion = outcome.Card?.Version,
            Metrics = outcome.Metrics,
        };
    }
}
