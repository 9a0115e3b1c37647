using RecSys.Core.Jobs;
using RecSys.Core.Ports;

namespace RecSys.Speed;

/// <summary>A rebuild as a job: parameter <c>what</c> is <c>users</c> or <c>trends</c>, or absent for both; <c>acceptDamage</c> is <c>true</c> to rebuild from a log that has lost records.</summary>
internal sealed class RebuildJob(ISpeedRebuild rebuild)
{
    private const string What = "what";
    private const string Users = "users";
    private const string Trends = "trends";

    private const string AcceptDamage = "acceptDamage";
    private const string Yes = "true";
    private const string No = "false";

    public JobDefinition Definition =>
        new(JobKind.Rebuild, [JobParameter.OneOf(What, Users, Trends), JobParameter.OneOf(AcceptDamage, Yes, No)], RunAsync);

    private async Task<JobOutcome> RunAsync(JobRequest request, Action<JobProgress> progress, CancellationToken cancellationToken)
    {
        RebuildParts parts = request.Parameters.GetValueOrDefault(What) switch
        {
            Users => RebuildParts.Users,
            Trends => RebuildParts.Trends,
            _ => RebuildParts.All,
        };
        bool acceptDamage = request.Parameters.GetValueOrDefault(AcceptDamage) == Yes;
        await rebuild.RebuildAsync(parts, acceptDamage, new ShareOf(progress), cancellationToken).ConfigureAwait(false);
        return new JobOutcome($"rebuilt from the log: {parts.ToString().ToLowerInvariant()}");
    }

    private sealed class ShareOf(Action<JobProgress> progress) : IProgress<double>
    {
        public void Report(double value) => progress(new JobProgress("reading the log", value));
    }
}
