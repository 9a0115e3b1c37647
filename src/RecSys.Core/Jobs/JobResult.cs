namespace RecSys.Core.Jobs;

/// <summary>The result of a job, for its caller to fetch.</summary>
/// <param name="Id">Its name in <see cref="Ports.IJobResults"/>.</param>
/// <param name="SizeBytes">Its size.</param>
/// <param name="ExpiresAtMs">When it is deleted at the latest, in milliseconds since 1970, UTC.</param>
public sealed record JobResult(string Id, long SizeBytes, long ExpiresAtMs);
