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
    /// <returns>The manager on this node; stopping it stops the actor if it runs here.</returns>
    public static IActorRef Start(ActorSystem system, string role, string name, Props props)
    {
        ArgumentNullException.ThrowIfNull(system);
        return system.ActorOf(
            ClusterSingletonManager.Props(props, PoisonPill.Instance, ClusterSingletonManagerSettings.Create(system).WithRole(role).WithSingletonName(name)),
            $"{name}-singleton");
    }
}
