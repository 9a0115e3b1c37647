using System.Globalization;
using RecSys.Client;
using RecSys.Eng.Servers;

namespace RecSys.Eng.Chaos;

/// <summary>A node of the cluster: a server in a process of its own, which is started again at the same address and on the same data folder.</summary>
/// <param name="number">The number of the node, from 0.</param>
/// <param name="folder">The data folder.</param>
/// <param name="settings">Settings by their paths in appsettings.json.</param>
/// <param name="margin">The factor of the time within which it must answer.</param>
internal sealed class ChaosNode(int number, string folder, IReadOnlyDictionary<string, string> settings, int margin) : IAsyncDisposable
{
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan StopMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan CallMax = TimeSpan.FromSeconds(5);

    private readonly List<string> _log = [];
    private ServerUnderTest? _server;
    private volatile RecSysClient? _client;
    private volatile bool _isDisturbed;
    private volatile bool _isReady;
    private volatile bool _isEnded;

    /// <summary>Gets the number of the node, from 0.</summary>
    public int Number => number;

    /// <summary>Gets the data folder.</summary>
    public string Folder => folder;

    /// <summary>Gets or sets the path of the program that the next start runs.</summary>
    /// <value>The default is the program of this build.</value>
    public string Program { get; set; } = ServerUnderTest.Program;

    /// <summary>Gets the way of the node to the database.</summary>
    public required DatabaseRelay Database { get; init; }

    /// <summary>Gets a client of the node, which does not retry; null while its process does not run.</summary>
    public RecSysClient? Client => _client;

    /// <summary>Gets the place of the node's last start in the order of all starts: the lowest one is the oldest member.</summary>
    public int Order { get; private set; }

    /// <summary>Gets or sets whether this run disturbs the node: from before it is killed, suspended or stopped until it is ready again. Its failures then are expected.</summary>
    public bool IsDisturbed
    {
        get => _isDisturbed;
        set => _isDisturbed = value;
    }

    /// <summary>Gets or sets whether the node was ready when it was last asked.</summary>
    public bool IsReady
    {
        get => _isReady;
        set => _isReady = value;
    }

    /// <summary>Gets the exit code of the node's process; null while it runs, or where none was started.</summary>
    public int? ExitCode => _server?.ExitCode;

    /// <summary>Gets whether the node's process has ended, and this run has neither killed nor stopped it.</summary>
    public bool HasEndedByItself => !_isEnded && ExitCode is not null;

    /// <summary>Starts the node, and returns once it listens.</summary>
    /// <exception cref="InvalidOperationException">It does not start; the message has the end of its log.</exception>
    public async Task StartAsync(int order, CancellationToken cancellationToken)
    {
        await EndAsync();
        Order = order;
        _isEnded = false;
        _server = await ServerUnderTest.LaunchAsync(Program, folder, settings, StartMax, cancellationToken);
        if (_server.Url is null)
        {
            throw new InvalidOperationException(
                $"node {number} does not start (exit code {_server.ExitCode?.ToString(CultureInfo.InvariantCulture) ?? "none"}):\n{string.Join('\n', _server.Log.TakeLast(20))}");
        }

        _client = new RecSysClient(new RecSysClientOptions { BaseAddress = _server.Url, RetriesMax = 0, Timeout = CallMax * margin });
    }

    /// <summary>Kills the node (SIGKILL).</summary>
    public async Task KillAsync()
    {
        IsDisturbed = true;
        _isEnded = true;
        await _server!.KillAsync();
        Forget();
    }

    /// <summary>Suspends the node (SIGSTOP).</summary>
    public void Suspend()
    {
        IsDisturbed = true;
        _server!.Suspend();
    }

    /// <summary>Holds what the node writes to the database and reads from it, until <see cref="DatabaseRelay.Release"/>.</summary>
    public void HoldDatabase()
    {
        IsDisturbed = true;
        Database.Hold();
    }

    /// <summary>Continues the suspended node (SIGCONT).</summary>
    public void Resume() => _server!.Resume();

    /// <summary>Stops the node in order (SIGTERM).</summary>
    /// <returns>Its exit code; null if it had to be killed.</returns>
    public async Task<int?> StopAsync()
    {
        IsDisturbed = true;
        _isEnded = true;
        int? exitCode = await _server!.StopAsync(StopMax);
        Forget();
        return exitCode;
    }

    /// <summary>Forgets the client of a process that has ended.</summary>
    public void Forget()
    {
        _client = null;
        IsReady = false;
    }

    /// <summary>Writes the log of all its processes into a folder.</summary>
    public async Task WriteLogAsync(string logs) =>
        await File.WriteAllLinesAsync(Path.Combine(logs, string.Create(CultureInfo.InvariantCulture, $"node{number}.log")), [.. _log, .. _server?.Log ?? []]);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_server is { ExitCode: null })
        {
            _server.Resume();
        }

        await EndAsync();
    }

    private async Task EndAsync()
    {
        if (_server is { } ended)
        {
            Forget();
            await ended.DisposeAsync();
            _log.AddRange(ended.Log);
            _log.Add("---- the process ended");
            _server = null;
        }
    }
}
