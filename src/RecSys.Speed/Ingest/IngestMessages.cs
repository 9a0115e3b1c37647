using Akka.Actor;
using RecSys.Core;
using RecSys.Core.Ingestion;
using RecSys.Core.Log;

namespace RecSys.Speed.Ingest;

/// <summary>A message to a partition's ingest actor, wherever it lives.</summary>
internal interface IIngestMessage
{
    int Partition { get; }
}

/// <summary>What an ingest actor is told from any node.</summary>
internal static class IngestCommands
{
    /// <summary>Be there: a sharded actor is made by the first message to it.</summary>
    public sealed record Run(int Partition) : IIngestMessage;

    /// <summary>Asks what was told to a user's actor, once a record has been read; answered with <see cref="IngestReplies.Sent"/>.</summary>
    public sealed record GetSent(int Partition, Owner Owner, long Offset) : IIngestMessage;

    /// <summary>A reader finds that a user's actor has less than it was told: ask it.</summary>
    public sealed record Remind(int Partition, Owner Owner) : IIngestMessage;

    /// <summary>Read nothing more; what is in flight goes on. Answered with <see cref="IngestReplies.Paused"/>.</summary>
    public sealed record Pause(int Partition) : IIngestMessage;

    /// <summary>Save the checkpoint, then stop; answered with <see cref="IngestReplies.Finished"/>.</summary>
    public sealed record Finish(int Partition) : IIngestMessage;

    /// <summary>The hand-off message: stop; the checkpoint says where a successor goes on.</summary>
    public sealed class Stop : INoSerializationVerificationNeeded
    {
        public static readonly Stop Instance = new();
    }
}

/// <summary>What an ingest actor answers.</summary>
internal static class IngestReplies
{
    /// <summary>The newest record that was told to the user's actor; −1: nothing that is not saved.</summary>
    /// <param name="Offset">Its offset.</param>
    /// <param name="IsKnown">Whether that is all; if not, the user's actor has to check what is saved.</param>
    public sealed record Sent(long Offset, bool IsKnown);

    /// <summary>Nothing more is read.</summary>
    public sealed record Paused(int Partition);

    /// <summary>The checkpoint is saved as far as it can be, and the actor stopped.</summary>
    public sealed record Finished(int Partition);
}

/// <summary>What an ingest actor tells itself when something asynchronous ended; never leaves it.</summary>
internal static class IngestEvents
{
    public sealed record Tick : INoSerializationVerificationNeeded
    {
        public static readonly Tick Instance = new();
    }

    public sealed record Started(IngestCheckpoint? Checkpoint, long Revision, LogRange Range) : INoSerializationVerificationNeeded;

    public sealed record NotStarted(Exception Cause) : INoSerializationVerificationNeeded;

    public sealed record WasRead(IngestRead Read, LogChunk Chunk) : INoSerializationVerificationNeeded;

    public sealed record NotRead(IngestRead Read, Exception Cause) : INoSerializationVerificationNeeded;

    public sealed record RangeSeen(LogRange Range) : INoSerializationVerificationNeeded;

    public sealed record RangeUnseen(Exception Cause) : INoSerializationVerificationNeeded;

    public sealed record CheckpointSaved(long Revision, bool IsConflict) : INoSerializationVerificationNeeded;

    public sealed record CheckpointNotSaved(long Revision, Exception Cause) : INoSerializationVerificationNeeded;
}
