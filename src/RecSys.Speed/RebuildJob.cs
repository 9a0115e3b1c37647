using RecSys.Core.Jobs;
using RecSys.Core.Ports;

namespace RecSys.Speed;

/// <summary>A rebuild as a job: parameter <c>what</c> is <c>users</c> or <c>trends</c>, or absent for both; <c>acceptDamage</c> is <c>true</c> to rebuild from a log with damaged records, <c>acceptLoss</c> from one whose first records were removed and are not in the states.</summary>
internal sealed class RebuildJob(ISpeedRebuild rebuild)
{
    private const string What = "what";
    private const string Users = "users";
    private const string Trends = "trends";

    private const string AcceptDamage = "acceptDamage";
    private const string AcceptLoss = "acceptLoss";
    private const string Yes = "true";
    private const string No = "false";

    public JobDefinition Definition =>
        new(
            JobKind.Rebuild,
            [JobParameter.OneOf(What, Users, Trends), JobParameter.OneOf(AcceptDamage, Yes, No), JobParameter.OneOf(AcceptLoss, Yes, No)],
            RunAsync);

    private async Task<JobOutcome> RunAsync(JobRequest request, Action<JobProgress> progress, CancellationToken cancellationToken)
    {
        RebuildParts parts = request.Parameters.GetValueOrDefault(What) switch
        {
            Users => RebuildParts.Users,
            Trends => RebuildParts.Trends,
            _ => RebuildParts.All,
        };
        RebuildLosses accepted = Accepted(AcceptDamage, RebuildLosses.Damaged) | Accepted(AcceptLoss, RebuildLosses.Removed);
        await rebuild.RebuildAsync(parts, accepted, new Reported(progress), cancellationToken).ConfigureAwait(false);
        return new JobOutcome($"rebuilt from the log: {parts.ToString().ToLowerInvariant()}");

        RebuildLosses Accepted(string parameter, RebuildLosses loss) => request.Parameters.GetValueOrDefault(parameter) == Yes ? loss : RebuildLosses.None;
    }

    private sealed class Reported(Action<JobProgress> progress) : IProgress<JobProgress>
    {
        public void Report(JobProgress value) => progress(value);
    }
}
