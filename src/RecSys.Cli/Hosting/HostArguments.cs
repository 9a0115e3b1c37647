namespace RecSys.Cli.Hosting;

/// <summary>Arguments for a RecSys in this process.</summary>
/// <param name="Folder">Its data folder, taken for this process.</param>
internal sealed record HostArguments(DataFolder Folder)
{
    /// <summary>Address to listen at; null for that of appsettings or the default, or for a free loopback port for one command.</summary>
    public string? Urls { get; init; }

    /// <summary>Gets whether it runs for one command: on a free loopback port, without output, and without scheduled trainings.</summary>
    public bool IsForOneCommand { get; init; }

    /// <summary>Gets whether states and folds are rebuilt from the log.</summary>
    public bool Rebuild { get; init; }

    /// <summary>Gets whether that is done even from a log of which records are known to be lost.</summary>
    public bool AcceptDamage { get; init; }

    /// <summary>More settings, by their paths in appsettings.json.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();

    /// <summary>Called with each answered call, or null.</summary>
    public Action<CallSeen>? OnCall { get; init; }

    /// <summary>Gets the shop that is played, or null.</summary>
    public Play.ShopWorld? Shop { get; init; }
}

/// <summary>An HTTP call that was answered.</summary>
internal readonly record struct CallSeen(string Method, string Target, int StatusCode, double ElapsedMs);
