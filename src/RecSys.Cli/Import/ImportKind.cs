namespace RecSys.Cli.Import;

/// <summary>What the rows of a file are.</summary>
internal enum ImportKind
{
    /// <summary>Things that users did.</summary>
    Interactions,

    /// <summary>Items of the catalogue.</summary>
    Items,

    /// <summary>Users' labels.</summary>
    Users,
}
