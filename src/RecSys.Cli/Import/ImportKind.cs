namespace RecSys.Cli.Import;

/// <summary>Kind of a file's rows.</summary>
internal enum ImportKind
{
    /// <summary>Interactions of users.</summary>
    Interactions,

    /// <summary>Items of the catalogue.</summary>
    Items,

    /// <summary>Users' labels.</summary>
    Users,
}
