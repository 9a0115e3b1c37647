namespace RecSys.Actors;

/// <summary>The roles that a node of the cluster may have.</summary>
public static class NodeRoles
{
    /// <summary>The role of a node that answers the requests of clients: slates, profiles, items, writes. A node without it answers only health, metrics and administration.</summary>
    public const string Serve = "serve";

    /// <summary>The role of a node that owns partitions: it runs their ingest actors and the actors of their users.</summary>
    public const string Profile = "profile";

    /// <summary>The role of a node that runs jobs, such as the training of models.</summary>
    public const string Batch = "batch";

    /// <summary>Gets all roles.</summary>
    public static readonly IReadOnlyList<string> All = [Serve, Profile, Batch];
}
