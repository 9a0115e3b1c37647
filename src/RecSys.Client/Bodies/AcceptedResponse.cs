namespace RecSys.Client;

/// <summary>The answer to a write, given once it is durable.</summary>
public sealed record AcceptedResponse
{
    /// <summary>Gets how many rows were taken.</summary>
    public required long Accepted { get; init; }

    /// <summary>Gets the opaque position of the last row in the log; a read with <c>after=</c> waits for it.</summary>
    public required string Position { get; init; }
}

/// <summary>The answer to the erasure of a person, given once the erasure is in the log.</summary>
public sealed record ErasureResponse
{
    /// <summary>Gets the opaque position of the erasure in the log; all before it is dropped everywhere.</summary>
    public required string Position { get; init; }

    /// <summary>Gets the receipt: names the erasure without naming the person.</summary>
    public required string Receipt { get; init; }
}
