namespace RecSys.Actors.Persistence;

/// <summary>Someone else saved a revision that the saver has not seen: it is stale, and must stop without saving.</summary>
public sealed class SnapshotConflictException : Exception
{
    /// <summary>Says nothing more.</summary>
    public SnapshotConflictException()
        : base("another revision is saved already")
    {
    }

    /// <summary>Says which.</summary>
    public SnapshotConflictException(string message)
        : base(message)
    {
    }

    /// <summary>Says which, and why.</summary>
    public SnapshotConflictException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Says whose.</summary>
    public static SnapshotConflictException Of(string owner, long revision) =>
        new($"the state of {owner} is not at revision {revision - 1}: someone else saved it");
}
