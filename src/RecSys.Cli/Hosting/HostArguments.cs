namespace RecSys.Cli.Hosting;

/// <summary>Arguments for a server in this process.</summary>
/// <param name="Folder">The data folder, locked by this process.</param>
internal sealed record HostArguments(DataFolder Folder)
{
    /// <summary>Gets the address to listen at; null for the configured or default one, or for a free loopback port if it runs for one command.</summary>
    public string? Urls { get; init; }

    /// <summary>Gets whether the server runs for one command only: on a free loopback port, without output, and without scheduled trainings.</summary>
    public bool IsForOneCommand { get; init; }

    /// <summary>Gets whether states and folds are rebuilt from the log.</summary>
    public bool Rebuild { get; init; }

    /// <summary>Gets whether the rebuild accepts a log that has lost records.</summary>
    public bool AcceptDamage { get; init; }

    /// <summary>Gets further settings, by their paths in appsettings.json.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();

    /// <summary>Gets the nodes to join instead of those in the settings; null to use the settings.</summary>
    public IReadOnlyList<string>? Join { get; init; }

    /// <summary>Gets the roles of the node instead of those in the settings; null to use the settings.</summary>
    public IReadOnlyList<string>? Roles { get; init; }

    /// <summary>Gets the handler that is called after each answered call, or null.</summary>
    public Action<CallSeen>? OnCall { get; init; }

    /// <summary>Gets the simulated shop, or null.</summary>
    public Play.ShopWorld? Shop { get; init; }
}

/// <summary>An HTTP call that was answered.</summary>
internal readonly record struct CallSeen(string Method, string Target, int StatusCode, double ElapsedMs);
