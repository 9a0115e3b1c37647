namespace RecSys.Actors;

/// <summary>Roles of a node of the cluster.</summary>
public static class NodeRoles
{
    /// <summary>Answers HTTP and keeps the node-local folds.</summary>
    public const string Serve = "serve";

    /// <summary>Runs user actors and ingest actors.</summary>
    public const string Profile = "profile";

    /// <summary>Trains models.</summary>
    public const string Batch = "batch";

    /// <summary>Gets all roles.</summary>
    public static readonly IReadOnlyList<string> All = [Serve, Profile, Batch];
}
