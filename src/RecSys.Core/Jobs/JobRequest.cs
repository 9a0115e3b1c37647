using System.Collections.Immutable;

namespace RecSys.Core.Jobs;

/// <summary>A job that is asked for, with its parameters by name.</summary>
public sealed record JobRequest(JobKind Kind, ImmutableSortedDictionary<string, string> Parameters);
