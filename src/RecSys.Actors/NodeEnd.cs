namespace RecSys.Actors;

/// <summary>Reason why the cluster, not this process, ended a node.</summary>
public enum NodeEnd
{
    /// <summary>The cluster did not end the node.</summary>
    None = 0,

    /// <summary>The node was asked to leave the cluster, and leaves it, or has left it, in order. Nothing should start it again automatically.</summary>
    Drained = 1,

    /// <summary>The node was removed from the cluster, for instance because the other nodes could not reach it, or its cluster was replaced by another. Its supervisor should start it again.</summary>
    Downed = 2,
}
