namespace RecSys.Server.Edge;

/// <summary>A role that a call requires or a key has.</summary>
[Flags]
internal enum Role
{
    /// <summary>No key is required.</summary>
    None = 0,

    /// <summary>Reads recommendations, items, users and histories.</summary>
    Read = 1,

    /// <summary>Writes interactions, users and items, and erases persons.</summary>
    Write = 2,

    /// <summary>Administers jobs, models, settings and the cluster.</summary>
    Admin = 4,
}
