using Akka.Actor;
using Akka.Cluster.Tools.Singleton;

namespace RecSys.Actors;

/// <summary>Actors of which one runs in the cluster.</summary>
public static class ClusterSingletons
{
    /// <summary>Makes this node one of those on which an actor may run; it runs on the oldest node of a role.</summary>
    /// <param name="system">The system of a node with the role.</param>
    /// <param name="role">Role of the nodes on which the actor may run.</param>
    /// <param name="name">Name of the actor, unique in the cluster.</param>
    /// <param name="props">Creates the actor.</param>
    /// <returns>The manager on this node. It ends with the system: when a node leaves its cluster, the shutdown asks each manager, and for a stopped one it waits until the phase times out.</returns>
    public static IActorRef Start(ActorSystem system, string role, string name, Props props)
    {
        ArgumentNullException.ThrowIfNull(system);
        return system.ActorOf(
            ClusterSingletonManager.Props(props, PoisonPill.Instance, ClusterSingletonManagerSettings.Create(system).WithRole(role).WithSingletonName(name)),
            $"{name}-singleton");
    }

    /// <summary>Stops the actor if it runs on this node. No other node starts it before this one leaves the cluster.</summary>
    /// <param name="manager">The manager that <see cref="Start"/> returned.</param>
    /// <param name="name">Name of the actor.</param>
    /// <param name="timeout">The longest time for the search of the actor, and again for its stop.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="AskTimeoutException">The manager did not answer in time.</exception>
    /// <exception cref="TaskCanceledException">The actor did not stop in time.</exception>
    public static async Task StopHereAsync(IActorRef manager, string name, TimeSpan timeout, CancellationToken cancellationToken)
    {
        ActorIdentity found = await new ActorSelection(manager, name).Ask<ActorIdentity>(new Identify(name), timeout, cancellationToken).ConfigureAwait(false);
        if (found.Subject is { } actor)
        {
            await actor.GracefulStop(timeout).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
