using RecSys.Core.Ports;

namespace RecSys.Speed.Nodes;

/// <summary>Messages to the actor that represents a node, and its answers.</summary>
internal static class NodeMessages
{
    /// <summary>Asks a node for its <see cref="Reported"/>.</summary>
    public sealed class GetReport
    {
        public static readonly GetReport Instance = new();
    }

    /// <summary>The report of a node.</summary>
    public sealed record Reported(NodeReport Report);

    /// <summary>Requests that a node drains; the node answers <see cref="Draining"/> before it stops.</summary>
    public sealed class Drain
    {
        public static readonly Drain Instance = new();
    }

    /// <summary>The answer of a node that has begun to stop.</summary>
    public sealed class Draining
    {
        public static readonly Draining Instance = new();
    }
}
