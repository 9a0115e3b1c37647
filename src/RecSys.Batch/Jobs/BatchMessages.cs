using Akka.Actor;
using RecSys.Core.Jobs;

namespace RecSys.Batch.Jobs;

/// <summary>Messages that the coordinator sends to itself. They never leave the node; nodes communicate through the control store.</summary>
internal abstract record BatchMessage : INoSerializationVerificationNeeded
{
    /// <summary>The jobs may have changed and are read again.</summary>
    public sealed record Wake : BatchMessage
    {
        /// <summary>The only instance.</summary>
        public static readonly Wake Instance = new();
    }

    /// <summary>A scheduled training is due.</summary>
    public sealed record Due : BatchMessage;

    /// <summary>A job made progress.</summary>
    public sealed record Progressed(string Id, JobProgress Progress) : BatchMessage;

    /// <summary>A job ended, with an outcome or an error; with neither if it was cancelled.</summary>
    public sealed record Ended(string Id, JobOutcome? Outcome, Exception? Error) : BatchMessage;
}
