using System.Collections.Immutable;

namespace RecSys.Core.Jobs;

/// <summary>A requested job, with its parameters by name.</summary>
public sealed record JobRequest(JobKind Kind, ImmutableSortedDictionary<string, string> Parameters);
