using Akka.Actor;

namespace RecSys.Speed.Users;

/// <summary>Chooses the users to save now: those that waited long enough, sooner if many wait, and never too many at the same time.</summary>
/// <remarks>Deterministic: the time is passed in. Not safe for concurrent use.</remarks>
internal sealed class SavePacing(long saveAfterMs, int saveSoonAbove, int inFlightMax)
{
    /// <summary>Time after which a save whose end was not reported is no longer counted as in flight, so that a lost message does not take a place forever.</summary>
    private const long PermitMs = 30_000;

    private readonly Queue<(IActorRef User, long SinceMs)> _queue = new();
    private readonly Dictionary<IActorRef, long> _waiting = [];
    private readonly Dictionary<IActorRef, long> _inFlight = [];
    private readonly Queue<(IActorRef User, long SinceMs)> _permits = new();

    /// <summary>Gets the number of unsaved users that are not being saved.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>Gets the number of users that are being saved.</summary>
    public int InFlight => _inFlight.Count;

    /// <summary>Gets or sets whether all waiting users are to be saved immediately, because the node stops.</summary>
    public bool IsDraining { get; set; }

    /// <summary>Adds a user with an unsaved record.</summary>
    public void OnUnsaved(IActorRef user, long nowMs)
    {
        if (_waiting.TryAdd(user, nowMs))
        {
            _queue.Enqueue((user, nowMs));
        }
    }

    /// <summary>Handles the end of a save, successful or not, or that there was no unsaved record.</summary>
    public void OnEnded(IActorRef user) => _inFlight.Remove(user);

    /// <summary>Handles the stop of a user's actor.</summary>
    public void OnStopped(IActorRef user)
    {
        _inFlight.Remove(user);
        _waiting.Remove(user);
    }

    /// <summary>Removes and returns the next user to save, if any.</summary>
    public bool TryNext(long nowMs, out IActorRef user)
    {
        FreePermits(nowMs);
        while (_inFlight.Count < inFlightMax && _queue.TryPeek(out (IActorRef User, long SinceMs) next))
        {
            if (!_waiting.TryGetValue(next.User, out long since) || since != next.SinceMs)
            {
                _queue.Dequeue(); // an obsolete entry: its actor stopped; if the user has an unsaved record again, a later entry has the new time
                continue;
            }

            if (!IsDraining && _waiting.Count <= saveSoonAbove && nowMs - next.SinceMs < saveAfterMs)
            {
                break;
            }

            _queue.Dequeue();
            _waiting.Remove(next.User);
            _inFlight[next.User] = nowMs;
            _permits.Enqueue((next.User, nowMs));
            user = next.User;
            return true;
        }

        user = ActorRefs.Nobody;
        return false;
    }

    private void FreePermits(long nowMs)
    {
        while (_permits.TryPeek(out (IActorRef User, long SinceMs) oldest)
            && (!_inFlight.TryGetValue(oldest.User, out long since) || since != oldest.SinceMs || nowMs - since > PermitMs))
        {
            _permits.Dequeue();
            if (_inFlight.TryGetValue(oldest.User, out since) && since == oldest.SinceMs)
            {
                _inFlight.Remove(oldest.User);
            }
        }
    }
}
