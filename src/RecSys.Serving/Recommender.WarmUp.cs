using Microsoft.Extensions.Logging;
using RecSys.Core.Models;
using RecSys.Core.Ports;
using RecSys.Core.Slates;
using RecSys.Serving.Pipeline;

namespace RecSys.Serving;

internal sealed partial class Recommender
{
    private static readonly TimeSpan NoHurry = TimeSpan.FromMinutes(10);

    private Task _warmUp = Task.CompletedTask;

    /// <summary>
    /// Begins to compile the code of a slate beside the rest of the start. The first slates, which have a deadline, wait until it is compiled; after a failure, which is logged,
    /// they compile it.
    /// </summary>
    public void BeginWarmUp(ILogger logger) => _warmUp = Task.Run(() => WarmUpFirst(logger));

    private void WarmUpFirst(ILogger logger)
    {
        try
        {
            WarmUpOnce();
        }
#pragma warning disable CA1031 // The outermost handler of this task.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogWarmUpFailed(logger, failure);
        }
    }

    /// <summary>Creates a slate without a user from a synthetic model. It is neither counted nor cached nor recorded.</summary>
    internal void WarmUpOnce()
    {
        ModelSnapshot model = WarmUp.Model();
        SharedModel shared = new(model);
        using ModelLease? lease = shared.TryLease();
        SlateScratch scratch = _scratch.Rent();
        Views views = new(WarmUp.Profile(_time.GetUtcNow().ToUnixTimeMilliseconds()), null, null);
        SlateRun run = NewRun(new SlateRequest { Diversity = 0.5 }, views, new RequestClock(_time, NoHurry), scratch, lease, onPage: []);
        try
        {
            _pipeline.Run(run);
            SlateOf(run, views, new StageTime(ProfileStage, 0));
        }
        finally
        {
            scratch.Clear(run.HistoryCount);
            _scratch.Return(scratch);
            shared.Release();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the serving layer could not warm up; the first slates will be slow")]
    private static partial void LogWarmUpFailed(ILogger logger, Exception failure);
}
