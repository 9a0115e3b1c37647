using Akka.Actor;
using RecSys.Speed.Metrics;

namespace RecSys.Speed.Users;

/// <summary>The pacer of a node: decides when users save and which are passivated, with one timer for all of them.</summary>
internal sealed class PacerActor : UntypedActor, IWithTimers
{
    private static readonly TimeSpan TickEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>Number of ticks in which the search for idle users visits all of them once.</summary>
    private const int IdleRoundTicks = 100;

    /// <summary>The largest number of users that may be stopping at the same time, since each may have to save.</summary>
    private const int RetiringMax = 4_096;

    private readonly SavePacing _pacing;
    private readonly LiveUsers _live;
    private readonly SpeedOptions _options;
    private readonly SpeedCounters _counters;
    private readonly PacerStatus _status;
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly List<LiveUser> _retiring = [];
    private readonly List<IActorRef> _drainers = [];

    public PacerActor(SpeedOptions options, LiveUsers live, SpeedCounters counters, PacerStatus status, TimeProvider time)
    {
        _options = options;
        _live = live;
        _counters = counters;
        _status = status;
        _time = time;
        _started = time.GetTimestamp();
        _pacing = new SavePacing((long)options.SaveAfter.TotalMilliseconds, options.SaveSoonAbove, options.SavesInFlightMax);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private long NowMs => (long)_time.GetElapsedTime(_started).TotalMilliseconds;

    protected override void PreStart() => Timers.StartPeriodicTimer("tick", PacerMessages.Tick.Instance, TickEvery);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case PacerMessages.Unsaved unsaved:
                _pacing.OnUnsaved(unsaved.User, NowMs);
                break;
            case PacerMessages.Ended ended:
                _pacing.OnEnded(ended.User);
                break;
            case PacerMessages.Stopped stopped:
                _pacing.OnStopped(stopped.User);
                break;
            case PacerMessages.Drain:
                _pacing.IsDraining = true;
                _drainers.Add(Sender);
                break;
            case PacerMessages.Tick:
                Passivate();
                break;
            default:
                Unhandled(message);
                return;
        }

        TellSaves();
    }

    private void TellSaves()
    {
        long nowMs = NowMs;
        while (_pacing.TryNext(nowMs, out IActorRef user))
        {
            user.Tell(UserCommands.Save.Instance);
        }

        _status.Set(_pacing.Waiting, _pacing.InFlight);
        if (_pacing.Waiting == 0 && _pacing.InFlight == 0 && _drainers.Count > 0)
        {
            _drainers.ForEach(drainer => drainer.Tell(PacerMessages.Drained.Instance));
            _drainers.Clear();
            _pacing.IsDraining = false;
        }
    }

    private void Passivate()
    {
        _live.Now = (int)(NowMs / 1_000);
        _live.Pick(
            _options.LiveUsersMax, (int)_options.IdleAfter.TotalSeconds, (_live.Count / IdleRoundTicks) + 1, RetiringMax, _retiring);
        foreach (LiveUser user in _retiring)
        {
            user.Actor.Tell(UserCommands.Retire.Instance);
            _counters.CountPassivated();
        }

        _retiring.Clear();
    }
}
