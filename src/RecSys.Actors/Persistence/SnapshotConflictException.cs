namespace RecSys.Actors.Persistence;

/// <summary>Thrown when another incarnation saved a revision that the caller has not seen: the caller is stale, and must stop without saving.</summary>
public sealed class SnapshotConflictException : Exception
{
    /// <summary>Creates the exception with the default message.</summary>
    public SnapshotConflictException()
        : base("another revision is saved already")
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public SnapshotConflictException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and a cause.</summary>
    public SnapshotConflictException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception for an owner and a revision.</summary>
    public static SnapshotConflictException Of(string owner, long revision) =>
        new($"the state of {owner} is not at revision {revision - 1}: another incarnation saved it");
}
