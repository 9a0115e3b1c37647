using System.Collections.Immutable;

namespace RecSys.Core.Jobs;

/// <summary>A kind of job that a node runs: the accepted parameters, and the work.</summary>
/// <param name="Kind">The kind of job; at most one definition per kind is registered.</param>
/// <param name="Parameters">Every parameter that a caller may give; all others are refused.</param>
/// <param name="RunAsync">Runs the job; called on a thread of the pool. An exception fails the job with its message as the reason.</param>
public sealed record JobDefinition(JobKind Kind, ImmutableArray<JobParameter> Parameters, JobFunction RunAsync)
{
    /// <summary>Returns the problem of a caller's parameters, or null.</summary>
    public JobProblem? Check(ImmutableSortedDictionary<string, string> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        foreach ((string name, string value) in parameters)
        {
            JobParameter? known = Parameters.FirstOrDefault(parameter => parameter.Name == name);
            if (known is null)
            {
                return new JobProblem(name, Parameters.IsEmpty
                    ? "is unknown; this kind of job takes no parameters"
                    : $"is unknown; this kind of job takes {string.Join(", ", Parameters.Select(parameter => parameter.Name))}");
            }

            if (!known.IsValid(value))
            {
                return new JobProblem(name, known.Accepts);
            }
        }

        return Parameters.FirstOrDefault(parameter => parameter.IsRequired && !parameters.ContainsKey(parameter.Name)) is { } missing
            ? new JobProblem(missing.Name, $"is missing; it {missing.Accepts}")
            : null;
    }
}

/// <summary>Runs a job.</summary>
/// <param name="request">The request; its parameters match the definition.</param>
/// <param name="progress">Receives the progress, from any thread.</param>
/// <param name="cancellationToken">Cancels the job.</param>
public delegate Task<JobOutcome> JobFunction(JobRequest request, Action<JobProgress> progress, CancellationToken cancellationToken);
