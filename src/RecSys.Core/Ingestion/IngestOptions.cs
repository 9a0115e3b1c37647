namespace RecSys.Core.Ingestion;

/// <summary>The limits and times of one partition's ingestion.</summary>
public sealed record IngestOptions
{
    /// <summary>The largest allowed <see cref="ChunkMax"/>.</summary>
    public const int ChunkMaxMax = 10_000;

    /// <summary>Gets the largest number of records of one read; 1 to 10,000.</summary>
    public int ChunkMax { get; init; } = 2_000;

    /// <summary>Gets the largest number of bytes of one <see cref="Take"/>, 1,024 to 65,536; a larger record is sent alone.</summary>
    public int TakeBytesMax { get; init; } = 65_536;

    /// <summary>Gets the largest number of users with an unsaved record; at least twice <see cref="ChunkMax"/>. At the limit, reading pauses.</summary>
    public int UnsavedMax { get; init; } = 200_000;

    /// <summary>Gets the largest number of records that are sent and neither answered nor timed out; at least twice <see cref="ChunkMax"/>. At the limit, reading pauses.</summary>
    public int InFlightMax { get; init; } = 50_000;

    /// <summary>Gets the largest number of users remembered, unsaved ones included; at least <see cref="UnsavedMax"/> plus <see cref="ChunkMax"/>. At the limit, saved users are forgotten early. A user takes about 85 bytes.</summary>
    public int EntriesMax { get; init; } = 260_000;

    /// <summary>Gets the largest number of users that are parked because their saves keep failing; 0 to 10,000. Further ones stop the checkpoint from moving.</summary>
    public int ParkedMax { get; init; } = 1_000;

    /// <summary>Gets the time after which a Take without an answer times out and the actor is probed; above zero, longer than an actor takes to start.</summary>
    public TimeSpan AnswerTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets the time T that users' actors wait before they save; above zero. An actor that has not saved after 2 T is probed.</summary>
    public TimeSpan SaveTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets the time after which a probe without an answer is repeated where a reader waits; above zero.</summary>
    public TimeSpan ProbeAgainEvery { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Gets the shortest time between two rewinds; above zero.</summary>
    public TimeSpan RewindEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets the number of periods of 2 T without a save, while other users are saved, after which a user is parked; 1 to 100.</summary>
    public int SaveTriesMax { get; init; } = 5;

    /// <summary>Gets the time between two probes of a parked user; above zero.</summary>
    public TimeSpan ParkedRetryEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets the time for which a saved user is remembered, so that the actor applies further records without a check of the stored revision; longer than <see cref="AnswerTime"/>.</summary>
    public TimeSpan SavedKept { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>Gets the time between two saves of the checkpoint, if it moved; above zero.</summary>
    public TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets the number of chunks of a rewind that are read for each chunk of new records, so that the rewind ends; 1 to 100.</summary>
    public int RewindShare { get; init; } = 3;

    /// <summary>Returns the problem of these options, or null.</summary>
    public string? Problem() =>
        ChunkMax is < 1 or > ChunkMaxMax ? $"ChunkMax is {ChunkMax}; 1 to {ChunkMaxMax:N0} are allowed"
        : TakeBytesMax is < 1_024 or > 65_536 ? $"TakeBytesMax is {TakeBytesMax}; 1,024 to 65,536 are allowed"
        : UnsavedMax < 2L * ChunkMax ? $"UnsavedMax is {UnsavedMax}; at least twice ChunkMax ({ChunkMax}) is needed"
        : InFlightMax < 2L * ChunkMax ? $"InFlightMax is {InFlightMax}; at least twice ChunkMax ({ChunkMax}) is needed"
        : EntriesMax < (long)UnsavedMax + ChunkMax ? $"EntriesMax is {EntriesMax}; at least UnsavedMax ({UnsavedMax}) and ChunkMax ({ChunkMax}) together are needed"
        : ParkedMax is < 0 or > 10_000 ? $"ParkedMax is {ParkedMax}; 0 to 10,000 are allowed"
        : AnswerTime <= TimeSpan.Zero ? $"AnswerTime is {AnswerTime}; it must be above zero"
        : SaveTime <= TimeSpan.Zero ? $"SaveTime is {SaveTime}; it must be above zero"
        : ProbeAgainEvery <= TimeSpan.Zero ? $"ProbeAgainEvery is {ProbeAgainEvery}; it must be above zero"
        : RewindEvery <= TimeSpan.Zero ? $"RewindEvery is {RewindEvery}; it must be above zero"
        : SaveTriesMax is < 1 or > 100 ? $"SaveTriesMax is {SaveTriesMax}; 1 to 100 are allowed"
        : ParkedRetryEvery <= TimeSpan.Zero ? $"ParkedRetryEvery is {ParkedRetryEvery}; it must be above zero"
        : SavedKept <= AnswerTime ? $"SavedKept is {SavedKept}; it must be longer than AnswerTime ({AnswerTime})"
        : CheckpointEvery <= TimeSpan.Zero ? $"CheckpointEvery is {CheckpointEvery}; it must be above zero"
        : RewindShare is < 1 or > 100 ? $"RewindShare is {RewindShare}; 1 to 100 are allowed"
        : null;
}
