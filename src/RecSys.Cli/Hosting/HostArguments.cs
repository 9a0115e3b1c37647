namespace RecSys.Cli.Hosting;

/// <summary>How a RecSys of this process is started.</summary>
/// <param name="Folder">Its data folder, taken for this process.</param>
internal sealed record HostArguments(DataFolder Folder)
{
    /// <summary>Where it listens; null leaves it to appsettings and the default, or to a free port of loopback for one command.</summary>
    public string? Urls { get; init; }

    /// <summary>Whether it lives for one command: on a free port of loopback, quiet, and without a training schedule.</summary>
    public bool IsForOneCommand { get; init; }

    /// <summary>Whether states and folds are removed first, to be made anew from the log.</summary>
    public bool Rebuild { get; init; }

    /// <summary>More settings, by their paths in appsettings.json.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();

    /// <summary>Told each call that was answered, or null.</summary>
    public Action<CallSeen>? OnCall { get; init; }

    /// <summary>The shop that is played, or null.</summary>
    public Play.ShopWorld? Shop { get; init; }
}

/// <summary>One HTTP call that was answered.</summary>
internal readonly record struct CallSeen(string Method, string Target, int StatusCode, double ElapsedMs);
