using Akka.Actor;
using RecSys.Core.Jobs;

namespace RecSys.Batch.Jobs;

/// <summary>What the coordinator is told. It lives where it is asked: none of these goes over the wire.</summary>
internal abstract record BatchMessage : INoSerializationVerificationNeeded
{
    /// <summary>Start a job; answered by <see cref="Found"/> or <see cref="Refused"/>.</summary>
    public sealed record Start(JobRequest Request) : BatchMessage
    {
        /// <summary>Whether the schedule started it, and no caller.</summary>
        public bool IsScheduled { get; init; }
    }

    /// <summary>A job was not started: too many wait.</summary>
    public sealed record Refused(string Reason) : BatchMessage;

    /// <summary>Where a job stands; answered by <see cref="Found"/>.</summary>
    public sealed record Get(string Id) : BatchMessage;

    /// <summary>All jobs; answered by <see cref="Listed"/>.</summary>
    public sealed record List : BatchMessage;

    /// <summary>Stop a job; answered by <see cref="Found"/>.</summary>
    public sealed record Cancel(string Id) : BatchMessage;

    /// <summary>A job, or null.</summary>
    public sealed record Found(JobStatus? Status) : BatchMessage;

    /// <summary>The jobs, newest first.</summary>
    public sealed record Listed(IReadOnlyList<JobStatus> Jobs) : BatchMessage;

    /// <summary>It is time for a training.</summary>
    public sealed record Due : BatchMessage;

    /// <summary>A job went on.</summary>
    public sealed record Progressed(string Id, JobProgress Progress) : BatchMessage;

    /// <summary>A job ended: with an outcome, or an error.</summary>
    public sealed record Ended(string Id, JobOutcome? Outcome, Exception? Error) : BatchMessage;
}
