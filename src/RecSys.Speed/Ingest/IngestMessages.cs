using Akka.Actor;
using RecSys.Core;
using RecSys.Core.Ingestion;
using RecSys.Core.Log;

namespace RecSys.Speed.Ingest;

/// <summary>A message to a partition's ingest actor on any node.</summary>
internal interface IIngestMessage
{
    int Partition { get; }
}

/// <summary>Requests to an ingest actor from any node.</summary>
internal static class IngestCommands
{
    /// <summary>Starts the actor: a sharded actor is created by the first message to it.</summary>
    public sealed record Run(int Partition) : IIngestMessage;

    /// <summary>Asks which offset was sent to a user's actor, once a record has been read; answered with <see cref="IngestReplies.Sent"/>.</summary>
    public sealed record GetSent(int Partition, Owner Owner, long Offset) : IIngestMessage;

    /// <summary>Requests a probe of a user's actor that lacks records which were sent to it.</summary>
    public sealed record ProbeAgain(int Partition, Owner Owner) : IIngestMessage;

    /// <summary>
    /// Reports that the saved states of the partition's users were replaced: the users' actors on the node check their states, and load the new ones. Answered with <see cref="IngestReplies.UsersCheck"/>.
    /// </summary>
    /// <param name="Partition">Number of the partition, from 0.</param>
    /// <param name="IsCheckpointReplaced">Whether the checkpoint was replaced too: the actor then stops, and starts again from the new one.</param>
    public sealed record StatesReplaced(int Partition, bool IsCheckpointReplaced) : IIngestMessage;

    /// <summary>Stops reading; records in flight are still handled. Only the actor's own node sends it. Answered with <see cref="IngestReplies.Paused"/>.</summary>
    public sealed class Pause : INoSerializationVerificationNeeded
    {
        public static readonly Pause Instance = new();
    }

    /// <summary>Saves the checkpoint, then stops the actor. Only the actor's own node sends it. Answered with <see cref="IngestReplies.Finished"/>.</summary>
    public sealed class Finish : INoSerializationVerificationNeeded
    {
        public static readonly Finish Instance = new();
    }
}

/// <summary>Answers of an ingest actor.</summary>
internal static class IngestReplies
{
    /// <summary>The answer to <see cref="IngestCommands.GetSent"/>.</summary>
    /// <param name="Offset">Newest offset that was sent; −1 if every record of the user is saved.</param>
    /// <param name="IsKnown">Whether the offset is complete; if not, the user's actor has to check the saved revision.</param>
    public sealed record Sent(long Offset, bool IsKnown);

    /// <summary>The answer to <see cref="IngestCommands.StatesReplaced"/>: the users' actors of the partition check their states before they answer further messages.</summary>
    public sealed record UsersCheck
    {
        public static readonly UsersCheck Instance = new();
    }

    /// <summary>Reading has stopped.</summary>
    public sealed class Paused : INoSerializationVerificationNeeded
    {
        public static readonly Paused Instance = new();
    }

    /// <summary>The checkpoint is saved as far as possible, and the actor stopped.</summary>
    public sealed class Finished : INoSerializationVerificationNeeded
    {
        public static readonly Finished Instance = new();
    }
}

/// <summary>Messages of an ingest actor to itself at the end of asynchronous work; they never leave the node.</summary>
internal static class IngestEvents
{
    public sealed record Tick : INoSerializationVerificationNeeded
    {
        public static readonly Tick Instance = new();
    }

    public sealed record Started(IngestCheckpoint? Checkpoint, long Revision, LogRange Range) : INoSerializationVerificationNeeded;

    public sealed record NotStarted(Exception Cause) : INoSerializationVerificationNeeded;

    public sealed record ChunkRead(IngestRead Read, LogChunk Chunk) : INoSerializationVerificationNeeded;

    public sealed record ChunkNotRead(IngestRead Read, Exception Cause) : INoSerializationVerificationNeeded;

    public sealed record RangeRead(LogRange Range) : INoSerializationVerificationNeeded;

    public sealed record RangeNotRead : INoSerializationVerificationNeeded;

    public sealed record CheckpointSaved(long Revision, bool IsConflict) : INoSerializationVerificationNeeded;

    public sealed record CheckpointNotSaved(long Revision, Exception Cause) : INoSerializationVerificationNeeded;
}
