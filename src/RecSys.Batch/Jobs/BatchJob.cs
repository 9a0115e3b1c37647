using System.Collections.Immutable;
using RecSys.Batch.Evaluation;
using RecSys.Batch.Training;
using RecSys.Core.Models;

namespace RecSys.Batch.Jobs;

/// <summary>A kind of long work that the coordinator runs.</summary>
/// <param name="Kind">What it does; at most one job a kind is registered.</param>
/// <param name="RunAsync">Does it, off the caller's thread; an exception fails the job, with its message as the reason.</param>
public sealed record BatchJob(JobKind Kind, BatchJobFunction RunAsync);

/// <summary>Does a job.</summary>
/// <param name="request">What was asked.</param>
/// <param name="progress">To be told how far it is, from any thread, as often as one likes.</param>
/// <param name="cancellationToken">Asks it to stop.</param>
public delegate Task<JobOutcome> BatchJobFunction(
    JobRequest request, Action<TrainingProgress> progress, CancellationToken cancellationToken);

/// <summary>What became of a job that did not fail.</summary>
/// <param name="Message">In one line.</param>
public sealed record JobOutcome(string Message)
{
    /// <summary>Whether there was nothing to do; a job that nobody asked for is forgotten then.</summary>
    public bool IsNothing { get; init; }

    /// <summary>The model that it published, if it did.</summary>
    public ModelVersion? ModelVersion { get; init; }

    /// <summary>The figures that it measured, by name.</summary>
    public ImmutableSortedDictionary<string, double> Metrics { get; init; } = GateVerdict.NoFigures;
}
