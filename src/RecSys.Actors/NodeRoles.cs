namespace RecSys.Actors;

/// <summary>What a node of the cluster does.</summary>
public static class NodeRoles
{
    /// <summary>It answers HTTP and keeps the node-local folds.</summary>
    public const string Serve = "serve";

    /// <summary>Users' actors and ingest live on it.</summary>
    public const string Profile = "profile";

    /// <summary>It trains.</summary>
    public const string Batch = "batch";

    /// <summary>All roles.</summary>
    public static readonly IReadOnlyList<string> All = [Serve, Profile, Batch];
}
