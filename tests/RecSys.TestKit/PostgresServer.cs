using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace RecSys.TestKit;

/// <summary>A PostgreSQL server of a test's own, in a temporary folder, on a free loopback port; or the one that RECSYS_POSTGRES names, which is only used, never stopped.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    /// <summary>The environment variable with the URL of a server to use; its user may create schemas, and PGPASSWORD has the password.</summary>
    public const string Variable = "RECSYS_POSTGRES";

    /// <summary>The password of the user of a server that is started here.</summary>
    public const string Password = "only for tests";

    private const string User = "recsys";
    private const string Database = "postgres";
    private const string Programs = "/usr/lib/postgresql";
    private const string UnprivilegedUser = "postgres";
    private const int StartsMax = 40;

    private readonly string? _programs;
    private readonly DirectoryInfo? _folder;
    private readonly int _port;

    private PostgresServer(string url) => Url = url;

    private PostgresServer(string programs, DirectoryInfo folder, int port)
    {
        _programs = programs;
        _folder = folder;
        _port = port;
        Url = string.Create(CultureInfo.InvariantCulture, $"postgres://{User}@127.0.0.1:{port}/{Database}");
    }

    /// <summary>Gets the URL of a database.</summary>
    public string Url { get; }

    /// <summary>Gets the password of its user; null for that of PGPASSWORD.</summary>
    public string? UserPassword => _folder is null ? null : Password;

    /// <summary>Gets whether the server was started here, so that it may be stopped.</summary>
    public bool IsOwn => _folder is not null;

    /// <summary>Gets why there is no server to test with; null if there is one.</summary>
    public static string? Missing =>
        Environment.GetEnvironmentVariable(Variable) is not null || FindPrograms() is not null
            ? null
            : $"PostgreSQL is not tested: neither {Programs}/*/bin/initdb nor a URL in {Variable} is there";

    /// <summary>Starts a server, or takes the one that the variable names.</summary>
    public static async Task<PostgresServer> StartAsync(CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable(Variable) is { } url)
        {
            return new PostgresServer(url);
        }

        return await StartOwnAsync(cancellationToken);
    }

    /// <summary>Starts a server that may be stopped and killed.</summary>
    public static async Task<PostgresServer> StartOwnAsync(CancellationToken cancellationToken)
    {
        string programs = FindPrograms() ?? throw new InvalidOperationException(Missing);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("recsys-postgres-");
        PostgresServer server = new(programs, folder, FreePort());
        try
        {
            string password = Path.Combine(folder.FullName, "password");
            await File.WriteAllTextAsync(password, Password, cancellationToken);
            if (Environment.IsPrivilegedProcess)
            {
                await RunAsync("chown", ["-R", UnprivilegedUser, folder.FullName], cancellationToken);
            }

            // The default collation is a language's, so that an order that is not byte by byte is noticed.
            await server.RunProgramAsync(
                "initdb",
                [
                    "--pgdata", server.Data, "--username", User, "--auth", "scram-sha-256", "--pwfile", password, "--encoding", "UTF8", "--no-sync",
                    .. server.Version >= 15 ? (string[])["--locale", "C.UTF-8", "--locale-provider", "icu", "--icu-locale", "en-US"] : ["--locale", "C.UTF-8"],
                ],
                cancellationToken);
            await server.StartAgainAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the stopped or killed server; it listens when the task completes.</summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken)
    {
        string options = string.Create(
            CultureInfo.InvariantCulture, $"-p {_port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=60 -c shared_buffers=32MB");
        for (int start = 1; ; start++)
        {
            try
            {
                await RunProgramAsync("pg_ctl", ["start", "--wait", "--silent", "--pgdata", Data, "--log", Path.Combine(_folder!.FullName, "log"), "--options", options], cancellationToken);
                return;
            }
            catch (InvalidOperationException) when (start < StartsMax)
            {
                // Processes of the killed server still end.
                await Task.Delay(TimeSpan.FromMilliseconds(250), TimeProvider.System, cancellationToken);
            }
        }
    }

    /// <summary>Stops the server in order; open connections are closed.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => RunProgramAsync("pg_ctl", ["stop", "--wait", "--silent", "--mode", "fast", "--pgdata", Data], cancellationToken);

    /// <summary>Kills the server (SIGKILL).</summary>
    public void Kill()
    {
        using Process server = Process.GetProcessById(int.Parse(File.ReadLines(Path.Combine(Data, "postmaster.pid")).First(), CultureInfo.InvariantCulture));
        server.Kill();
        server.WaitForExit();
    }

    public async ValueTask DisposeAsync()
    {
        if (_folder is null)
        {
            return;
        }

        try
        {
            await RunProgramAsync("pg_ctl", ["stop", "--wait", "--silent", "--mode", "immediate", "--pgdata", Data], CancellationToken.None);
        }
        catch (InvalidOperationException)
        {
            // It is stopped already.
        }

        _folder.Delete(recursive: true);
    }

    private string Data => Path.Combine(_folder!.FullName, "data");

    private int Version => int.Parse(Directory.GetParent(_programs!)!.Name.Split('.')[0], CultureInfo.InvariantCulture);

    private static string? FindPrograms() =>
        Directory.Exists(Programs)
            ? Directory.EnumerateDirectories(Programs)
                .Select(version => Path.Combine(version, "bin"))
                .Where(folder => File.Exists(Path.Combine(folder, "initdb")))
                .OrderDescending(StringComparer.Ordinal)
                .FirstOrDefault()
            : null;

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    // PostgreSQL refuses to run as root.
    private Task RunProgramAsync(string name, string[] arguments, CancellationToken cancellationToken)
    {
        string program = Path.Combine(_programs!, name);
        return Environment.IsPrivilegedProcess
            ? RunAsync("setpriv", [$"--reuid={UnprivilegedUser}", $"--regid={UnprivilegedUser}", "--clear-groups", program, .. arguments], cancellationToken)
            : RunAsync(program, arguments, cancellationToken);
    }

    private static async Task RunAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" })!;
        Task<string> errors = process.StandardError.ReadToEndAsync(cancellationToken);
        _ = process.StandardOutput.ReadToEndAsync(cancellationToken);
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            throw;
        }

        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {await errors}");
        }
    }
}
