namespace RecSys.Actors;

/// <summary>The roles that a node of the cluster may have.</summary>
public static class NodeRoles
{
    /// <summary>The role of a node that answers HTTP requests and keeps the node-local folds.</summary>
    public const string Serve = "serve";

    /// <summary>The role of a node that runs user actors and ingest actors.</summary>
    public const string Profile = "profile";

    /// <summary>The role of a node that runs jobs, such as the training of models.</summary>
    public const string Batch = "batch";

    /// <summary>Gets all roles.</summary>
    public static readonly IReadOnlyList<string> All = [Serve, Profile, Batch];
}
