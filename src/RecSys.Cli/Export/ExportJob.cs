using RecSys.Batch.Jobs;
using RecSys.Batch.Training;
using RecSys.Core.Models;

namespace RecSys.Cli.Export;

/// <summary>An export as a job: parameters <c>what</c> and <c>file</c>.</summary>
internal sealed class ExportJob(Exporter exporter)
{
    public async Task<JobOutcome> RunAsync(JobRequest request, Action<TrainingProgress> progress, CancellationToken cancellationToken)
    {
        if (!request.Parameters.TryGetValue("what", out string? what) || !request.Parameters.TryGetValue("file", out string? file))
        {
            throw new CommandException("an export needs the parameters what and file");
        }

        // Written aside, so that a file of that name is whole or not there.
        string aside = file + ".part";
        long rows;
        await using (FileStream stream = new(aside, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 1 << 16 }))
        {
            rows = await exporter.WriteAsync(what, stream, share => progress(new TrainingProgress($"exporting {what}", share)), cancellationToken);
            stream.Flush(flushToDisk: true);
        }

        File.Move(aside, file, overwrite: true);
        return new JobOutcome($"{Terminal.Number(rows)} {what} exported");
    }
}
