using RecSys.Core.Ports;

namespace RecSys.Speed.Nodes;

/// <summary>Questions and commands to a node, and its answers.</summary>
internal static class NodeMessages
{
    /// <summary>Asks a node for its <see cref="Reported"/>.</summary>
    public sealed class GetReport
    {
        public static readonly GetReport Instance = new();
    }

    /// <summary>The report of a node.</summary>
    public sealed record Reported(NodeReport Report);

    /// <summary>Asks a node to stop in order; it answers <see cref="Draining"/> before it does.</summary>
    public sealed class Drain
    {
        public static readonly Drain Instance = new();
    }

    /// <summary>The node has begun to stop.</summary>
    public sealed class Draining
    {
        public static readonly Draining Instance = new();
    }
}
