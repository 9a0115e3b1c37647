namespace RecSys.Cli.Hosting;

/// <summary>Address of a server on a data folder.</summary>
/// <param name="Url">Its URL on this machine.</param>
/// <param name="ProcessId">Id of its process.</param>
internal sealed record ServerAddress(Uri Url, int ProcessId);
