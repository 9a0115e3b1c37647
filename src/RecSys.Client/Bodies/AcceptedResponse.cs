namespace RecSys.Client;

/// <summary>The answer to a write, given once it is durable.</summary>
public sealed record AcceptedResponse
{
    /// <summary>Gets the number of accepted rows.</summary>
    public required long Accepted { get; init; }

    /// <summary>Gets the opaque position of the last row in the log; a read with <c>after=</c> waits for it.</summary>
    public required string Position { get; init; }
}

/// <summary>The answer to the erasure of a person, given once the erasure is in the log.</summary>
public sealed record ErasureResponse
{
    /// <summary>Gets the opaque position of the erasure in the log; the erasure covers the person's data up to it.</summary>
    public required string Position { get; init; }

    /// <summary>Gets the receipt, which identifies the erasure without the person's id.</summary>
    public required string Receipt { get; init; }
}

/// <summary>Progress of a person's erasure.</summary>
public sealed record ErasureStatusResponse
{
    /// <summary>Gets the receipt of the erasure.</summary>
    public required string Receipt { get; init; }

    /// <summary>Gets the state of the erasure.</summary>
    /// <value><c>running</c>; <c>done</c> once the data is erased from every place; or <c>incomplete</c> if every place was cleared, but bytes may remain.</value>
    public required string State { get; init; }

    /// <summary>Gets why bytes of the person may remain, and the remedy.</summary>
    /// <value>Absent unless the state is <c>incomplete</c>.</value>
    public string? Problem { get; init; }

    /// <summary>Gets the addresses of the nodes that have not cleared their own files and memory yet; a node that does not run does so when it starts again.</summary>
    /// <value>Absent if there are none.</value>
    public IReadOnlyList<string>? WaitsFor { get; init; }

    /// <summary>Gets which bytes of the person remain in files of other programs, such as a database, even when the erasure is done, and until when.</summary>
    /// <value>Absent if all places are files of the server.</value>
    public IReadOnlyList<string>? Remains { get; init; }

    /// <summary>Gets the places that store data of persons.</summary>
    public required IReadOnlyList<ErasedPlaceEntry> Places { get; init; }
}

/// <summary>A place that a person is erased from.</summary>
public sealed record ErasedPlaceEntry
{
    /// <summary>Gets the place, such as <c>log</c>.</summary>
    public required string Place { get; init; }

    /// <summary>Gets the number of entries removed so far.</summary>
    public required long Removed { get; init; }

    /// <summary>Gets the time at which the erasure of this place was done.</summary>
    /// <value>Absent until then.</value>
    public DateTimeOffset? DoneAt { get; init; }
}
