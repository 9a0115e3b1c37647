using Akka.Actor;

namespace RecSys.Speed.Nodes;

/// <summary>A reference to an actor of one node; each node has such an actor, under the same name.</summary>
/// <param name="system">The actor system of this node.</param>
/// <param name="node">The address of the node, which may be this one.</param>
/// <param name="name">The name of the actor below the guardian of user-defined actors.</param>
internal readonly struct NodeActor(ActorSystem system, Address node, string name)
{
    private readonly ActorSelection _actor = system.ActorSelection(new RootActorPath(node) / "user" / name);

    /// <summary>Sends a message, which may be lost.</summary>
    public void Tell(object message) => _actor.Tell(message, ActorRefs.NoSender);

    /// <summary>Returns the answer to a message; null if there is none in time.</summary>
    public async Task<object?> TryAskAsync(object message, TimeSpan answerMax, CancellationToken cancellationToken)
    {
        try
        {
            return await _actor.Ask<object>(message, answerMax, cancellationToken).ConfigureAwait(false);
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }
}
