using RecSys.Batch.Evaluation;
using RecSys.Batch.Replay;
using RecSys.Batch.Training;
using RecSys.Core;
using RecSys.Core.Jobs;
using RecSys.Core.Log;
using RecSys.Core.Ports;

namespace RecSys.Batch.Jobs;

/// <summary>Runs evaluations on the log as jobs.</summary>
/// <remarks>The parameters are those of <see cref="EvaluationParameters"/>; none of them is a path of a file.</remarks>
internal sealed class EvaluateJob(IInteractionLog log, InteractionTypes types, OfflineEvaluation evaluation)
{
    private const double ReadPart = 0.1;

    public JobDefinition Definition => new(JobKind.Evaluate, EvaluationParameters.All, RunAsync);

    private async Task<JobOutcome> RunAsync(JobRequest request, Action<JobProgress> progress, CancellationToken cancellationToken)
    {
        EvaluationSettings settings = EvaluationParameters.Read(request.Parameters);
        LogPosition watermark = await LogHistory.WatermarkAsync(log, cancellationToken).ConfigureAwait(false);
        return await evaluation.RunAsync(
            () => LogWorld.Read(log, watermark, types, done => progress(new JobProgress("reading the log", done * ReadPart)), cancellationToken),
            settings,
            part => progress(part.Within(ReadPart, 1)),
            cancellationToken).ConfigureAwait(false);
    }
}
