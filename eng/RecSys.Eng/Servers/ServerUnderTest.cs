using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace RecSys.Eng.Servers;

/// <summary>The program as a server in a process of its own, which may refuse to start and can be killed; its log is kept.</summary>
/// <remarks>It listens on a free port of loopback.</remarks>
public sealed class ServerUnderTest : IAsyncDisposable
{
    private const string Announcement = " at http";
    private const int TerminateSignal = 15;
    private const int ContinueSignal = 18;
    private const int StopSignal = 19;

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _log = new();
    private readonly TaskCompletionSource<Uri?> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServerUnderTest(Process process) => _process = process;

    /// <summary>Gets where it listens.</summary>
    /// <value>Null if it did not start.</value>
    public Uri? Url { get; private set; }

    /// <summary>Gets the exit code of a process that has ended; null while it runs.</summary>
    public int? ExitCode => _process.HasExited ? _process.ExitCode : null;

    /// <summary>Gets the lines of its standard error so far.</summary>
    public IReadOnlyList<string> Log => [.. _log];

    /// <summary>Gets the path of the program of this build.</summary>
    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "recsys.exe" : "recsys");

    /// <summary>Starts a server of this build and waits until it listens or ends.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="settings">Settings by their paths in appsettings.json.</param>
    /// <param name="timeout">How long it may take; a server that does neither in this time has no URL and no exit code.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static Task<ServerUnderTest> LaunchAsync(
        string folder, IReadOnlyDictionary<string, string> settings, TimeSpan timeout, CancellationToken cancellationToken) =>
        LaunchAsync(Program, folder, settings, timeout, cancellationToken);

    /// <summary>Starts a server of a given program and waits until it listens or ends.</summary>
    /// <param name="program">The path of the program.</param>
    /// <param name="folder">The data folder.</param>
    /// <param name="settings">Settings by their paths in appsettings.json.</param>
    /// <param name="timeout">How long it may take; a server that does neither in this time has no URL and no exit code.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static async Task<ServerUnderTest> LaunchAsync(
        string program, string folder, IReadOnlyDictionary<string, string> settings, TimeSpan timeout, CancellationToken cancellationToken)
    {
        ProcessStartInfo start = new(program, ["serve", "--data", folder, "--urls", "http://127.0.0.1:0"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_EnableDiagnostics"] = "0"; // a killed process leaves its diagnostic socket behind
        start.Environment["DOTNET_TieredPGO"] = "0"; // it lives for seconds
        foreach ((string path, string value) in settings)
        {
            start.Environment[path.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        Process process = new() { StartInfo = start };
        ServerUnderTest server = new(process);
        process.ErrorDataReceived += (_, line) => server.Keep(line.Data);
        process.OutputDataReceived += (_, line) => server.Listen(line.Data);
        process.Start();
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        try
        {
            Task ended = process.WaitForExitAsync(cancellationToken);
            await Task.WhenAny(server._listening.Task, ended, Task.Delay(timeout, TimeProvider.System, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            server.Url = server._listening.Task.IsCompletedSuccessfully ? await server._listening.Task : null;
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills it without a warning, and waits for its end.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>Stops the threads of the process (SIGSTOP): it neither answers nor ends until <see cref="Resume"/>.</summary>
    public void Suspend() => _ = Signal(_process.Id, StopSignal);

    /// <summary>Continues a suspended process (SIGCONT).</summary>
    public void Resume() => _ = Signal(_process.Id, ContinueSignal);

    /// <summary>Asks it to stop, as a service manager does.</summary>
    /// <param name="timeout">How long it may take.</param>
    /// <returns>Its exit code, or null if it had to be killed.</returns>
    public async Task<int?> StopAsync(TimeSpan timeout)
    {
        if (!_process.HasExited && !OperatingSystem.IsWindows())
        {
            _ = Signal(_process.Id, TerminateSignal);
            using CancellationTokenSource limit = new(timeout, TimeProvider.System);
            try
            {
                await _process.WaitForExitAsync(limit.Token);
                return _process.ExitCode;
            }
            catch (OperationCanceledException)
            {
                // Killed below.
            }
        }

        await KillAsync();
        return null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _log.Enqueue(line);
        }
    }

    private void Listen(string? line)
    {
        if (line?.LastIndexOf(Announcement, StringComparison.Ordinal) is { } at and >= 0)
        {
            _listening.TrySetResult(new Uri(line[(at + " at ".Length)..]));
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int processId, int signal);
}
