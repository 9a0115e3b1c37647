using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RecSys.Core;
using RecSys.Core.Ports;
using RecSys.Core.Slates;
using RecSys.Serving;

namespace RecSys.Cli.Hosting;

/// <summary>
/// Reads a profile and runs the stages of a slate before the server listens. The first read of a process waits for the cluster to place a shard, and the first
/// slate for code to be compiled; together they take longer than the deadline of a slate.
/// </summary>
/// <remarks>
/// The request is the explanation of an unknown item to an unknown user: it leaves no state behind, and is neither counted nor cached nor recorded as a slate. A failure is
/// logged, and the start continues; it is delayed by <see cref="DurationMax"/> at most.
/// </remarks>
internal sealed partial class FirstAnswer(IUserProfiles profiles, IRecommender recommender, TimeProvider time, ILogger<FirstAnswer> logger) : IHostedService
{
    /// <summary>The time after which the start continues without an answer.</summary>
    public static readonly TimeSpan DurationMax = TimeSpan.FromSeconds(5);

    private static readonly UserId NoUser = new("recsys: first answer");
    private static readonly ItemId NoItem = new("recsys: first answer");

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource timeout = new(DurationMax, time);
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            await profiles.GetAsync(NoUser, after: null, linked.Token).ConfigureAwait(false);
            await recommender.ExplainAsync(new SlateRequest { User = NoUser }, NoItem, linked.Token).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The outermost handler of this work: the server starts even after a failure, but its first answer is slower.
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogNoAnswer(logger, failure);
        }
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Warning, Message = "no slate could be made during the start; the first ones may be degraded")]
    private static partial void LogNoAnswer(ILogger logger, Exception cause);
}
