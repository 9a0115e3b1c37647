using RecSys.Batch.Jobs;
using RecSys.Batch.Training;
using RecSys.Core.Models;
using RecSys.Core.Ports;

namespace RecSys.Cli.Hosting;

/// <summary>A rebuild as a job: parameter <c>what</c> is <c>users</c>, <c>trends</c>, or absent for both.</summary>
internal sealed class RebuildJob(ISpeedRebuild rebuild)
{
    public async Task<JobOutcome> RunAsync(JobRequest request, Action<TrainingProgress> progress, CancellationToken cancellationToken)
    {
        RebuildParts parts = request.Parameters.GetValueOrDefault("what") switch
        {
            null => RebuildParts.All,
            "users" => RebuildParts.Users,
            "trends" => RebuildParts.Trends,
            string other => throw new CommandException($"'{other}' cannot be rebuilt; users and trends can"),
        };
        await rebuild.RebuildAsync(parts, new SynchronousProgress<double>(share => progress(new TrainingProgress("reading the log", share))), cancellationToken);
        return new JobOutcome($"rebuilt from the log: {parts.ToString().ToLowerInvariant()}");
    }
}
