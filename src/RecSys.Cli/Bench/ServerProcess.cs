using System.Diagnostics;
using System.Runtime.InteropServices;
using RecSys.Cli.Hosting;

namespace RecSys.Cli.Bench;

/// <summary>This program as a server in a separate process, so that the load generator and the server share cores but no heap.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopMax = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly string? _ownFolder;
    private readonly TimeProvider _time;

    private ServerProcess(Process process, string? ownFolder, TimeProvider time)
    {
        _process = process;
        _ownFolder = ownFolder;
        _time = time;
    }

    /// <summary>Gets the address at which the server listens.</summary>
    public Uri Url { get; private set; } = null!;

    /// <summary>Gets the id of the process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Starts a server.</summary>
    /// <param name="data">The data folder; null for a temporary one.</param>
    /// <param name="settings">Settings by their paths in appsettings.json.</param>
    /// <param name="time">Clock that measures the time-outs of the start and the stop.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="CommandException">The server does not start.</exception>
    public static async Task<ServerProcess> StartAsync(
        string? data, IReadOnlyDictionary<string, string> settings, TimeProvider time, CancellationToken cancellationToken)
    {
        string? own = data is null ? Directory.CreateTempSubdirectory("recsys-bench-").FullName : null;
        string folder = data ?? own!;
        string program = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "recsys.exe" : "recsys");
        ProcessStartInfo start = new(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])["serve", "--data", folder, "--urls", "http://127.0.0.1:0"])
        {
            start.ArgumentList.Add(argument);
        }

        foreach ((string path, string value) in settings)
        {
            start.Environment[path.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        Process process = Process.Start(start) ?? throw new CommandException("the server's process does not start");
        ServerProcess server = new(process, own, time);
        try
        {
            server.Url = await server.WaitForUrlAsync(folder, cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    private async Task<Uri> WaitForUrlAsync(string folder, CancellationToken cancellationToken)
    {
        Task<string> errors = _process.StandardError.ReadToEndAsync(cancellationToken);
        _ = _process.StandardOutput.ReadToEndAsync(cancellationToken);
        long began = _time.GetTimestamp();
        while (_time.GetElapsedTime(began) < StartMax && !_process.HasExited)
        {
            if (DataFolder.ReadServer(folder) is { } address && address.ProcessId == _process.Id)
            {
                return address.Url;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), _time, cancellationToken);
        }

        string why = _process.HasExited ? await errors : $"it did not listen within {StartMax.TotalSeconds} s";
        throw new CommandException($"the server does not start: {why.Trim()}");
    }

    /// <summary>Sends the stop signal of a service manager, and waits for the end of the process.</summary>
    /// <returns>The duration of the stop.</returns>
    public async Task<TimeSpan> StopAsync()
    {
        long began = _time.GetTimestamp();
        if (!_process.HasExited)
        {
            if (OperatingSystem.IsWindows())
            {
                _process.Kill();
            }
            else
            {
                _ = Kill(_process.Id, TerminateSignal);
            }

            using CancellationTokenSource patience = new(StopMax, _time);
            await _process.WaitForExitAsync(patience.Token);
        }

        return _time.GetElapsedTime(began);
    }

    /// <summary>Kills the process without a warning (kill -9), and waits for its end.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>Returns the anonymous resident memory of the process in bytes, or null if the system does not report it.</summary>
    public long? AnonymousBytes()
    {
        string path = $"/proc/{_process.Id}/status";
        string? line = File.Exists(path) ? File.ReadLines(path).FirstOrDefault(text => text.StartsWith("RssAnon:", StringComparison.Ordinal)) : null;
        return line is null ? null : long.Parse(new string([.. line.Where(char.IsAsciiDigit)]), System.Globalization.CultureInfo.InvariantCulture) * 1_024;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await StopAsync();
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
        if (_ownFolder is not null)
        {
            Directory.Delete(_ownFolder, recursive: true);
        }
    }

    private const int TerminateSignal = 15;

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int processId, int signal);
}
