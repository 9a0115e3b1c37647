namespace RecSys.Core.Ingestion;

/// <summary>The limits and times of one partition's ingestion.</summary>
public sealed record IngestOptions
{
    /// <summary>The most records that are read at once; 1 to 10,000.</summary>
    public int ChunkMax { get; init; } = 2_000;

    /// <summary>The most bytes of one <see cref="Take"/>, 1,024 to 65,536; a single record that is larger goes alone.</summary>
    public int TakeBytesMax { get; init; } = 65_536;

    /// <summary>The most users with something unsaved; at least twice <see cref="ChunkMax"/>. There reading pauses.</summary>
    public int DirtyMax { get; init; } = 200_000;

    /// <summary>The most records that are sent and neither answered nor given up; at least twice <see cref="ChunkMax"/>. There reading pauses.</summary>
    public int InFlightMax { get; init; } = 50_000;

    /// <summary>The most users remembered, unsaved ones included; at least <see cref="DirtyMax"/> and a <see cref="ChunkMax"/>. There those of whom nothing is unsaved are forgotten early; each takes about 85 bytes.</summary>
    public int EntriesMax { get; init; } = 260_000;

    /// <summary>The most users set aside because their saves keep failing; 0 to 10,000. More of them hold the checkpoint back.</summary>
    public int ParkedMax { get; init; } = 1_000;

    /// <summary>How long an answer may take before it is given up and asked for again; above zero. Longer than an actor takes to wake.</summary>
    public TimeSpan AnswerTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long users' actors wait before they save, T; above zero. Who is not saved after twice as long is asked.</summary>
    public TimeSpan SaveTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The shortest time between two rewinds; above zero.</summary>
    public TimeSpan RewindEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>After how many times 2 T without a save, while others are saved, a user is set aside; 1 to 100.</summary>
    public int SaveTriesMax { get; init; } = 5;

    /// <summary>How often a user who is set aside is asked again; above zero.</summary>
    public TimeSpan ParkedRetryEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a user with nothing unsaved is remembered, so that their actor need not check what is saved before it takes in more; longer than <see cref="AnswerTime"/>.</summary>
    public TimeSpan CleanKept { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>How often the checkpoint is saved if it moved; above zero.</summary>
    public TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How many chunks of a rewind are read for each new one, so that it comes to its end; 1 to 100.</summary>
    public int RewindShare { get; init; } = 3;

    /// <summary>Says what is wrong with these options, or null if nothing is.</summary>
    public string? Problem() =>
        ChunkMax is < 1 or > 10_000 ? $"ChunkMax is {ChunkMax}; 1 to 10,000 are allowed"
        : TakeBytesMax is < 1_024 or > 65_536 ? $"TakeBytesMax is {TakeBytesMax}; 1,024 to 65,536 are allowed"
        : DirtyMax < 2L * ChunkMax ? $"DirtyMax is {DirtyMax}; at least twice ChunkMax ({ChunkMax}) is needed"
        : InFlightMax < 2L * ChunkMax ? $"InFlightMax is {InFlightMax}; at least twice ChunkMax ({ChunkMax}) is needed"
        : EntriesMax < (long)DirtyMax + ChunkMax ? $"EntriesMax is {EntriesMax}; at least DirtyMax ({DirtyMax}) and ChunkMax ({ChunkMax}) together are needed"
        : ParkedMax is < 0 or > 10_000 ? $"ParkedMax is {ParkedMax}; 0 to 10,000 are allowed"
        : AnswerTime <= TimeSpan.Zero ? $"AnswerTime is {AnswerTime}; it must be above zero"
        : SaveTime <= TimeSpan.Zero ? $"SaveTime is {SaveTime}; it must be above zero"
        : RewindEvery <= TimeSpan.Zero ? $"RewindEvery is {RewindEvery}; it must be above zero"
        : SaveTriesMax is < 1 or > 100 ? $"SaveTriesMax is {SaveTriesMax}; 1 to 100 are allowed"
        : ParkedRetryEvery <= TimeSpan.Zero ? $"ParkedRetryEvery is {ParkedRetryEvery}; it must be above zero"
        : CleanKept <= AnswerTime ? $"CleanKept is {CleanKept}; it must be longer than AnswerTime ({AnswerTime})"
        : CheckpointEvery <= TimeSpan.Zero ? $"CheckpointEvery is {CheckpointEvery}; it must be above zero"
        : RewindShare is < 1 or > 100 ? $"RewindShare is {RewindShare}; 1 to 100 are allowed"
        : null;
}
