using Microsoft.Extensions.Logging;
using RecSys.Core.Models;
using RecSys.Core.Ports;
using RecSys.Core.Slates;
using RecSys.Serving.Pipeline;

namespace RecSys.Serving;

internal sealed partial class Recommender
{
    private static readonly TimeSpan WarmUpDeadline = TimeSpan.FromMinutes(10);

    private Task _warmUp = Task.CompletedTask;

    /// <summary>
    /// Starts a task that creates a slate, so that its code is compiled while the rest of the server starts. The first requests wait until the task ends, and only then does their deadline start.
    /// A failure is logged; the first requests then compile the code themselves.
    /// </summary>
    public void BeginWarmUp(ILogger logger) => _warmUp = Task.Run(() => WarmUpOrLog(logger));

    private void WarmUpOrLog(ILogger logger)
    {
        try
        {
            CreateWarmUpSlate();
        }
#pragma warning disable CA1031 // The outermost handler of this task.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogWarmUpFailed(logger, failure);
        }
    }

    /// <summary>Creates a slate for a synthetic profile from a synthetic model. The slate is neither counted nor cached nor recorded.</summary>
    internal void CreateWarmUpSlate()
    {
        ModelSnapshot model = WarmUp.Model();
        SharedModel shared = new(model);
        try
        {
            using ModelLease? lease = shared.TryLease();
            UserReading reading = new(WarmUp.Profile(_time.GetUtcNow().ToUnixTimeMilliseconds()), null, null);
            using SlateRun run = NewRun(new SlateRequest { Diversity = 0.5 }, reading, new RequestClock(_time, WarmUpDeadline), lease, onPage: []);
            _pipeline.Run(run);
            SlateOf(run, reading, new StageTime(ProfileStage, 0));
        }
        finally
        {
            shared.Release();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the serving layer could not warm up; the first slates will be slow")]
    private static partial void LogWarmUpFailed(ILogger logger, Exception failure);
}
