using Akka.Actor;
using RecSys.Core.Ports;

namespace RecSys.Speed.Nodes;

/// <summary>Answers requests of nodes for a report on this node, and drains it on request; one runs on each node.</summary>
/// <param name="report">Makes the report; must complete quickly.</param>
/// <param name="drain">Begins the stop of this node; does not wait for its end.</param>
internal sealed class NodeReporter(Func<Task<NodeReport>> report, Action drain) : UntypedActor
{
    /// <summary>Name of the actor below the guardian of user-defined actors, the same on each node.</summary>
    public const string Name = "node";

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case NodeMessages.GetReport:
                report().PipeTo(Sender, Self, made => new NodeMessages.Reported(made));
                break;
            case NodeMessages.Drain:
                Sender.Tell(NodeMessages.Draining.Instance, Self);
                drain();
                break;
            default:
                Unhandled(message);
                break;
        }
    }
}
