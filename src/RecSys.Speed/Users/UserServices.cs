using Akka.Actor;
using Microsoft.Extensions.Logging;
using RecSys.Speed.Metrics;

namespace RecSys.Speed.Users;

/// <summary>What all users' actors of a node share, so that each holds one reference.</summary>
internal sealed partial class UserServices(
    IActorRef pacer, IActorRef snapshots, LiveUsers live, SpeedCounters counters, TimeProvider time, ILogger log)
{
    private volatile bool _isDiscarding;

    public IActorRef Pacer { get; } = pacer;

    public IActorRef Snapshots { get; } = snapshots;

    public LiveUsers Live { get; } = live;

    public SpeedCounters Counters { get; } = counters;

    public TimeProvider Time { get; } = time;

    /// <summary>Whether states are being thrown away to be made anew: no user may wake and see an old one.</summary>
    public bool IsDiscarding
    {
        get => _isDiscarding;
        set => _isDiscarding = value;
    }

    private ILogger Logger { get; } = log;

    [LoggerMessage(Level = LogLevel.Warning, Message = "the state of {Owner} was not saved at revision {Revision}; it is tried again later")]
    public static partial void NotSaved(ILogger logger, Exception cause, string owner, long revision);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the state of {Owner} cannot be loaded now")]
    public static partial void NotLoaded(ILogger logger, Exception cause, string owner);

    public void LogNotSaved(Exception cause, string owner, long revision) => NotSaved(Logger, cause, owner, revision);

    public void LogNotLoaded(Exception cause, string owner) => NotLoaded(Logger, cause, owner);
}
