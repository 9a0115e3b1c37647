using Akka.Actor;

namespace RecSys.Speed.Users;

/// <summary>Says which users are to save now: who waited long enough, sooner if many wait, and never too many at once.</summary>
/// <remarks>Told everything: the clock too. Not safe for concurrent use.</remarks>
internal sealed class SavePacing(long saveAfterMs, int saveSoonAbove, int inFlightMax)
{
    /// <summary>How long a save that nobody reports the end of keeps its permit: its actor is gone.</summary>
    private const long PermitMs = 30_000;

    private readonly Queue<(IActorRef User, long SinceMs)> _queue = new();
    private readonly Dictionary<IActorRef, long> _waiting = [];
    private readonly Dictionary<IActorRef, long> _inFlight = [];
    private readonly Queue<(IActorRef User, long SinceMs)> _permits = new();

    /// <summary>How many users have something unsaved and are not being saved.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>How many users are being saved.</summary>
    public int InFlight => _inFlight.Count;

    /// <summary>Whether all who wait are to be saved at once: the node ends.</summary>
    public bool IsDraining { get; set; }

    /// <summary>A user has something unsaved.</summary>
    public void OnUnsaved(IActorRef user, long nowMs)
    {
        if (_waiting.TryAdd(user, nowMs))
        {
            _queue.Enqueue((user, nowMs));
        }
    }

    /// <summary>A save ended, well or not, or there was nothing to save.</summary>
    public void OnEnded(IActorRef user) => _inFlight.Remove(user);

    /// <summary>A user's actor stopped.</summary>
    public void OnGone(IActorRef user)
    {
        _inFlight.Remove(user);
        _waiting.Remove(user);
    }

    /// <summary>Takes the next who is to save, if there is one.</summary>
    public bool TryNext(long nowMs, out IActorRef user)
    {
        FreePermits(nowMs);
        while (_inFlight.Count < inFlightMax && _queue.TryPeek(out (IActorRef User, long SinceMs) next))
        {
            if (!_waiting.TryGetValue(next.User, out long since) || since != next.SinceMs)
            {
                _queue.Dequeue(); // gone, or gone and here again
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
