using System.Globalization;
using RecSys.Core.Jobs;
using RecSys.Core.Ports;

namespace RecSys.Server.Export;

/// <summary>An export as a job, whose result is lines of JSON: parameter <c>what</c> is one of <see cref="Exporter.Kinds"/>.</summary>
internal sealed class ExportJob(Exporter exporter, IJobResults results, IInteractionLog log)
{
    /// <summary>The largest number of attempts of an export if persons are erased while it is written.</summary>
    private const int TriesMax = 5;

    private const string What = "what";

    public JobDefinition Definition => new(
        JobKind.Export, [JobParameter.OneOf(What, Exporter.Kinds) with { IsRequired = true }], RunAsync);

    private async Task<JobOutcome> RunAsync(JobRequest request, Action<JobProgress> progress, CancellationToken cancellationToken)
    {
        string what = request.Parameters[What];
        for (int tries = 0; tries < TriesMax; tries++)
        {
            long rows = 0;
            JobResult? result = await results.WriteAsync(
                async (stream, cancel) => rows = await exporter.WriteAsync(
                    what, stream, share => progress(new JobProgress($"exporting {what}", share)), cancel).ConfigureAwait(false),
                cancellationToken).ConfigureAwait(false);
            if (result is not null)
            {
                string lost = log.Integrity.DamagedRecords is > 0 and var records
                    ? string.Create(CultureInfo.InvariantCulture, $"; {records:N0} records of the log are damaged and not included")
                    : "";
                return new JobOutcome($"{rows.ToString("N0", CultureInfo.InvariantCulture)} {what} exported{lost}") { Result = result };
            }
        }

        throw new InvalidOperationException($"persons were erased during each of {TriesMax} attempts; start the export again when there are fewer erasures");
    }
}
