namespace RecSys.Cli.Hosting;

/// <summary>The data folder or the server that a command uses.</summary>
/// <param name="Data">The data folder; a server that runs on it is used, otherwise one is started for the command.</param>
/// <param name="Server">The URL of a server; null to use the data folder.</param>
/// <param name="ApiKey">The API key of the server, or null.</param>
/// <param name="MakesFolder">Whether the data folder is created if it is missing; otherwise a missing one is an error.</param>
internal sealed record ConnectionArguments(string Data, Uri? Server, string? ApiKey, bool MakesFolder);
