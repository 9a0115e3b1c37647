using Akka.Actor;
using Microsoft.Extensions.Logging;
using RecSys.Core.Diagnostics;
using RecSys.Core.Log;
using RecSys.Speed.Metrics;

namespace RecSys.Speed.Users;

/// <summary>Services that all user actors of a node share, so that each holds one reference.</summary>
internal sealed partial class UserServices(
    LogShape shape, IActorRef pacer, IActorRef snapshots, ProfileHealer healer, LiveUsers live, SpeedCounters counters, TimeProvider time, ILogger log)
{
    private readonly LogLimiter _notSaved = new();
    private readonly LogLimiter _notLoaded = new();
    private readonly LogLimiter _damaged = new();

    public LogShape Shape { get; } = shape;

    public IActorRef Pacer { get; } = pacer;

    public IActorRef Snapshots { get; } = snapshots;

    public ProfileHealer Healer { get; } = healer;

    public LiveUsers Live { get; } = live;

    public SpeedCounters Counters { get; } = counters;

    public TimeProvider Time { get; } = time;

    /// <summary>Gets or sets the region of users and ingest actors; set before the first actor starts.</summary>
    public IActorRef Region { get; set; } = ActorRefs.Nobody;

    private ILogger Logger { get; } = log;

    // While a store is unavailable, every user would log a line at each attempt.
    public void LogNotSaved(Exception cause, string owner, long revision)
    {
        if (_notSaved.TryPass(Time, out long leftOut))
        {
            NotSaved(Logger, cause, owner, revision, leftOut);
        }
    }

    public void LogNotLoaded(Exception cause, string owner)
    {
        if (_notLoaded.TryPass(Time, out long leftOut))
        {
            NotLoaded(Logger, cause, owner, leftOut);
        }
    }

    public void LogDamaged(Exception cause, string owner, long revision)
    {
        if (_damaged.TryPass(Time, out long leftOut))
        {
            Damaged(Logger, cause, owner, revision, leftOut);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "the saved state of {Owner} is damaged at revision {Revision}: it is rebuilt from the log ({LeftOut} more were damaged since the last logged one)")]
    private static partial void Damaged(ILogger logger, Exception cause, string owner, long revision, long leftOut);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "the state of {Owner} was not saved at revision {Revision}; the save is retried later ({LeftOut} more were not saved since the last logged one)")]
    private static partial void NotSaved(ILogger logger, Exception cause, string owner, long revision, long leftOut);

    [LoggerMessage(
        Level = LogLevel.Warning, Message = "the state of {Owner} cannot be loaded now ({LeftOut} more were not loaded since the last logged one)")]
    private static partial void NotLoaded(ILogger logger, Exception cause, string owner, long leftOut);
}
