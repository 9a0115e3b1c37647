using Akka.Actor;

namespace RecSys.Speed.Erasing;

/// <summary>Shows whether this node clears the places that all nodes share. Only the node on which a cluster singleton runs does so.</summary>
/// <remarks>While a cluster is split two nodes may; an erasure that is done twice changes nothing.</remarks>
internal sealed class ErasureLeader
{
    private volatile bool _isHere;

    /// <summary>Raised when the singleton has started on this node.</summary>
    public event Action? Started;

    /// <summary>Gets whether the singleton runs on this node.</summary>
    public bool IsHere => _isHere;

    /// <summary>Returns the actor that is the singleton.</summary>
    public Props Props => Akka.Actor.Props.Create(() => new SingletonActor(this));

    private sealed class SingletonActor(ErasureLeader leader) : UntypedActor
    {
        protected override void PreStart()
        {
            leader._isHere = true;
            leader.Started?.Invoke();
        }

        protected override void PostStop() => leader._isHere = false;

        protected override void OnReceive(object message) => Unhandled(message);
    }
}
