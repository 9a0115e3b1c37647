using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace RecSys.TestKit.Servers;

/// <summary>A real broker of Kafka in a process of its own, with its own data folder and ports.</summary>
/// <remarks>
/// Started by a script with the verbs <c>start</c>, <c>stop</c> and <c>kill</c>, each followed by the data folder and the port: <c>../shared/servers/kafka-server</c>
/// beside the repository, which needs java, or the one that the variable RECSYS_KAFKA_SERVER names. Without it, tests skip. The script adds the lines of the variable
/// CONFIG (<c>key=value</c>, separated by semicolons) to the broker's settings.
/// </remarks>
public sealed class KafkaServer : IAsyncDisposable
{
    /// <summary>The variable that names the script.</summary>
    public const string Variable = "RECSYS_KAFKA_SERVER";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recsys-kafka-");
    private readonly string _script;
    private readonly IReadOnlyDictionary<string, string> _environment;

    private KafkaServer(string script, int port, IReadOnlyDictionary<string, string> environment)
    {
        _script = script;
        _environment = environment;
        Port = port;
    }

    /// <summary>Gets the port of the broker.</summary>
    public int Port { get; }

    /// <summary>Gets the broker as <c>host:port</c>.</summary>
    public string Servers => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>Gets the folder of the broker's data; the messages are in <c>log</c>.</summary>
    public string DataFolder => _folder.FullName;

    /// <summary>Gets the process id of the broker.</summary>
    public int ProcessId => int.Parse(File.ReadAllText(Path.Combine(_folder.FullName, "pid")), CultureInfo.InvariantCulture);

    /// <summary>Gets why there is no broker to test with; null if one can be started.</summary>
    public static string? Missing =>
        FindScript() is null ? $"no Kafka server: neither ../shared/servers/kafka-server (with java) nor {Variable} names a script that starts one" : null;

    /// <summary>Starts a broker without data; skips the test if there is no script.</summary>
    public static Task<KafkaServer> StartAsync(CancellationToken cancellationToken) => StartAsync(_ => new Dictionary<string, string>(), cancellationToken);

    /// <summary>Starts a broker without data and with variables of its own; skips the test if there is no script.</summary>
    /// <param name="environmentOf">Returns the variables of the broker's process for its port.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    public static async Task<KafkaServer> StartAsync(Func<int, IReadOnlyDictionary<string, string>> environmentOf, CancellationToken cancellationToken)
    {
        Assert.SkipWhen(Missing is not null, Missing ?? "");
        int port = FreePort();
        KafkaServer server = new(FindScript()!, port, environmentOf(port));
        try
        {
            await server.StartAgainAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the broker on its data again.</summary>
    public Task StartAgainAsync(CancellationToken cancellationToken) => RunAsync("start", cancellationToken);

    /// <summary>Stops the broker in order.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => RunAsync("stop", cancellationToken);

    /// <summary>Ends the broker's process by kill -9.</summary>
    public Task KillAsync(CancellationToken cancellationToken) => RunAsync("kill", cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await RunAsync("kill", CancellationToken.None);
        _folder.Delete(recursive: true);
    }

    private static string? FindScript()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            return named;
        }

        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "RecSys.sln")))
        {
            folder = folder.Parent;
        }

        string? beside = folder?.Parent is { } parent ? Path.Combine(parent.FullName, "shared", "servers", "kafka-server") : null;
        return File.Exists(beside) && HasJava() ? beside : null;
    }

    private static bool HasJava() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "java")));

    // The controller uses the port after the broker's.
    private static int FreePort()
    {
        while (true)
        {
            using TcpListener broker = new(IPAddress.Loopback, 0);
            broker.Start();
            int port = ((IPEndPoint)broker.LocalEndpoint).Port;
            using TcpListener controller = new(IPAddress.Loopback, port + 1);
            try
            {
                controller.Start();
                return port;
            }
            catch (SocketException)
            {
                // Another process uses the next port.
            }
        }
    }

    private async Task RunAsync(string verb, CancellationToken cancellationToken)
    {
        ProcessStartInfo start = new(_script) { RedirectStandardError = true };
        start.ArgumentList.Add(verb);
        start.ArgumentList.Add(_folder.FullName);
        start.ArgumentList.Add(Port.ToString(CultureInfo.InvariantCulture));
        foreach ((string name, string value) in _environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        await process.WaitForExitAsync(cancellationToken);
        Assert.True(process.ExitCode == 0, $"{_script} {verb} ended with {process.ExitCode}");
    }
}
