using Akka.Actor;
using RecSys.Core.Jobs;

namespace RecSys.Batch.Jobs;

/// <summary>Messages of the coordinator. They never leave the node.</summary>
internal abstract record BatchMessage : INoSerializationVerificationNeeded
{
    /// <summary>Starts a job; answered by <see cref="Found"/> or <see cref="Refused"/>.</summary>
    public sealed record Start(JobRequest Request) : BatchMessage
    {
        /// <summary>Gets whether the schedule started the job.</summary>
        public bool IsScheduled { get; init; }
    }

    /// <summary>The job was not started: too many are queued.</summary>
    public sealed record Refused(string Reason) : BatchMessage;

    /// <summary>Asks for the status of a job; answered by <see cref="Found"/>.</summary>
    public sealed record Get(string Id) : BatchMessage;

    /// <summary>Asks for all jobs; answered by <see cref="Listed"/>.</summary>
    public sealed record List : BatchMessage;

    /// <summary>Stops a job; answered by <see cref="Found"/>.</summary>
    public sealed record Cancel(string Id) : BatchMessage;

    /// <summary>A job, or null.</summary>
    public sealed record Found(JobStatus? Status) : BatchMessage;

    /// <summary>The jobs, newest first.</summary>
    public sealed record Listed(IReadOnlyList<JobStatus> Jobs) : BatchMessage;

    /// <summary>A scheduled training is due.</summary>
    public sealed record Due : BatchMessage;

    /// <summary>A job made progress.</summary>
    public sealed record Progressed(string Id, JobProgress Progress) : BatchMessage;

    /// <summary>A job ended, with an outcome or an error.</summary>
    public sealed record Ended(string Id, JobOutcome? Outcome, Exception? Error) : BatchMessage;
}
