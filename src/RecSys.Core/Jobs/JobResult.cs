namespace RecSys.Core.Jobs;

/// <summary>The result of a job, which its caller can fetch.</summary>
/// <param name="Id">Id in <see cref="Ports.IJobResults"/>.</param>
/// <param name="SizeBytes">Size in bytes.</param>
/// <param name="ExpiresAtMs">The time from which it can no longer be fetched, in milliseconds since 1970, UTC; it may be deleted earlier.</param>
public sealed record JobResult(string Id, long SizeBytes, long ExpiresAtMs);
