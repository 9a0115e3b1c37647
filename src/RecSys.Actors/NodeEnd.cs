namespace RecSys.Actors;

/// <summary>Reason why the cluster, not this process, ended a node.</summary>
public enum NodeEnd
{
    /// <summary>The cluster did not end the node.</summary>
    None = 0,

    /// <summary>The node was asked to leave the cluster and left it in order. It must not be started again by itself.</summary>
    Drained = 1,

    /// <summary>The other nodes removed the node, because they could not reach it. Its supervisor should start it again.</summary>
    Downed = 2,
}
