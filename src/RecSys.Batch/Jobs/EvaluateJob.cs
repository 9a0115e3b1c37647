using RecSys.Batch.Evaluation;
using RecSys.Batch.Training;
using RecSys.Core;
using RecSys.Core.Jobs;
using RecSys.Core.Ports;

namespace RecSys.Batch.Jobs;

/// <summary>Runs an offline evaluation on the log as a job.</summary>
/// <remarks>
/// Parameters: <c>split</c> is <c>temporal</c> (default) or <c>leave-one-out</c>; <c>metrics</c> is a list such as <c>ndcg@10,recall@20</c>.
/// </remarks>
internal sealed class EvaluateJob(IInteractionLog log, InteractionTypes types, OfflineEvaluation evaluation)
{
    private const string Split = "split";
    private const string Temporal = "temporal";
    private const string LeaveOneOut = "leave-one-out";
    private const string Metrics = "metrics";
    private const double ReadPart = 0.2;

    public JobDefinition Definition => new(
        JobKind.Evaluate,
        [
            JobParameter.OneOf(Split, Temporal, LeaveOneOut),
            new JobParameter(Metrics, Metric.ListRule, text => Metric.TryParseList(text, out _)),
        ],
        RunAsync);

    private async Task<JobOutcome> RunAsync(JobRequest request, Action<JobProgress> progress, CancellationToken cancellationToken)
    {
        IReadOnlyList<Metric> metrics = Metric.TryParseList(request.Parameters.GetValueOrDefault(Metrics), out IReadOnlyList<Metric>? named)
            ? named
            : Metric.Default;
        LogHistory history = await LogHistory.ReadAsync(
            log,
            await LogHistory.WatermarkAsync(log, cancellationToken).ConfigureAwait(false),
            types,
            done => progress(new JobProgress("reading the log", done * ReadPart)),
            cancellationToken).ConfigureAwait(false);
        EvaluationSplit split = request.Parameters.GetValueOrDefault(Split) == LeaveOneOut
            ? Splits.LeaveOneOut(history.Table)
            : Splits.Temporal(history.Table);
        return await evaluation.RunAsync(
            split, history.Catalogue, metrics, told => progress(told.Within(ReadPart, 1)), cancellationToken).ConfigureAwait(false);
    }
}
