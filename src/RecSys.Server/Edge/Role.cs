namespace RecSys.Server.Edge;

/// <summary>The role that a call needs or a key has.</summary>
[Flags]
internal enum Role
{
    /// <summary>Open to everyone.</summary>
    None = 0,

    /// <summary>Recommendations, items, users and histories.</summary>
    Read = 1,

    /// <summary>Interactions, changes of users and items, erasure.</summary>
    Write = 2,

    /// <summary>Jobs, models, settings, the cluster.</summary>
    Admin = 4,
}
