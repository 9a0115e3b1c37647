using System.Collections.Immutable;
using RecSys.Core.Models;

namespace RecSys.Core.Jobs;

/// <summary>The outcome of a job that did not fail.</summary>
/// <param name="Message">The outcome in one line.</param>
public sealed record JobOutcome(string Message)
{
    /// <summary>Gets whether the job had no work; a scheduled job is then removed from the list.</summary>
    public bool IsNothing { get; init; }

    /// <summary>Gets the version of the model that the job published, or null.</summary>
    public ModelVersion? ModelVersion { get; init; }

    /// <summary>Gets the result for the caller to fetch, or null.</summary>
    public JobResult? Result { get; init; }

    /// <summary>Gets the measured values, by name.</summary>
    public ImmutableSortedDictionary<string, double> Metrics { get; init; } =
        ImmutableSortedDictionary.Create<string, double>(StringComparer.Ordinal);
}
