using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using RecSys.Cli.Hosting;
using RecSys.Core;
using RecSys.Core.Ports;
using RecSys.Kafka;
using RecSys.Postgres;
using RecSys.Sqlite;

namespace RecSys.Cli.Bench;

/// <summary>The topic, the schema and the data folders of one run of a benchmark, which are new and removed at its end.</summary>
internal sealed class ClusterPlace : IAsyncDisposable
{
    private const int NodesMax = 2;
    private const int Partitions = 8;

    private readonly Terminal _terminal;
    private readonly KafkaAddress _address;
    private readonly KafkaLogOptions _log;
    private readonly PostgresOptions _states;
    private readonly string _folder = Directory.CreateTempSubdirectory("recsys-bench-").FullName;
    private readonly int[] _ports = [.. Enumerable.Range(0, NodesMax).Select(_ => FreePort())];

    private ClusterPlace(Terminal terminal, KafkaAddress address, KafkaLogOptions log, PostgresOptions states)
    {
        _terminal = terminal;
        _address = address;
        _log = log;
        _states = states;
    }

    /// <summary>Checks that the servers answer, and chooses names that no other run has.</summary>
    /// <param name="configuration">The settings, with the addresses of both servers.</param>
    /// <param name="terminal">Receives a warning for each part that could not be removed.</param>
    /// <param name="cancellationToken">Cancels the check.</param>
    /// <exception cref="CommandException">A server is not named or does not answer.</exception>
    public static async Task<ClusterPlace> CreateAsync(IConfiguration configuration, Terminal terminal, CancellationToken cancellationToken)
    {
        string name = $"bench_{Guid.NewGuid():N}"[..20];
        KafkaLogOptions log = new();
        configuration.GetSection(KafkaLogOptions.Section).Bind(log);
        if (log.Url is not { Length: > 0 } || PostgresStates.OptionsOf(configuration) is not { } states)
        {
            throw new CommandException("bench cluster needs --log kafka://HOST:PORT and --store postgres://USER@HOST:PORT/DATABASE of running servers", ExitCodes.WrongUsage);
        }

        if (!KafkaAddress.TryParse(log.Url, out KafkaAddress? address, out string? problem))
        {
            throw new CommandException($"{KafkaLogOptions.Section}:url {problem}", ExitCodes.WrongUsage);
        }

        (log.Topic, log.Partitions, log.Group) = ($"recsys-{name}", Partitions, "");
        states.Schema = $"recsys_{name}";
        ClusterPlace place = new(terminal, address, log, states);
        try
        {
            await KafkaInteractionLog.InspectAsync(address, log, known: null, TimeProvider.System, NullLogger.Instance);
            await using PostgresStore store = place.OpenStore();
            await store.InspectAsync(cancellationToken);
            return place;
        }
        catch (Exception error) when (error is StoreUnavailableException or NotSupportedException or ArgumentException)
        {
            Directory.Delete(place._folder, recursive: true);
            throw new CommandException(error.Message);
        }
    }

    /// <summary>Returns the data folder of a node.</summary>
    public string FolderOf(int node) => Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"node{node}"));

    /// <summary>Returns the settings of a node; passwords are taken from the environment, as by <c>recsys serve</c>.</summary>
    public Dictionary<string, string> SettingsOf(int node)
    {
        Dictionary<string, string> settings = new(StringComparer.Ordinal)
        {
            [$"{KafkaLogOptions.Section}:url"] = _log.Url!,
            [$"{KafkaLogOptions.Section}:topic"] = _log.Topic,
            [$"{KafkaLogOptions.Section}:group"] = _log.Group,
            [$"{KafkaLogOptions.Section}:partitions"] = _log.Partitions.ToString(CultureInfo.InvariantCulture),
            [$"{PostgresOptions.Section}:url"] = _states.Url!,
            [$"{PostgresOptions.Section}:schema"] = _states.Schema,
            ["recsys:actors:port"] = _ports[node].ToString(CultureInfo.InvariantCulture),
            ["recsys:actors:isNetworkTrusted"] = "true", // the nodes listen on loopback
            ["recsys:batch:interval"] = "00:00:00", // ingestion is measured, not a training
        };
        for (int seed = 0; seed < NodesMax; seed++)
        {
            settings[string.Create(CultureInfo.InvariantCulture, $"recsys:actors:join:{seed}")] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_ports[seed]}");
        }

        return settings;
    }

    /// <summary>Opens the log with the identity that a node has stored in its folder.</summary>
    public Task<KafkaInteractionLog> OpenLogAsync(string folder) => new KafkaLog(_address, _log).OpenAsync(new InstallationFiles(folder), NullLogger.Instance);

    /// <summary>Opens the hash with which a node computes the owners of users.</summary>
    public static OwnerHash OwnersOf(string folder) => SqliteInstallation.OpenOwnerHash(new InstallationFiles(folder).Log);

    /// <summary>Opens the database.</summary>
    public PostgresStore OpenStore() => PostgresStore.Create(_states, TimeProvider.System, NullLogger<PostgresStore>.Instance);

    /// <summary>Removes the topic, the schema and the folders; warns of a topic or schema that cannot be removed.</summary>
    public async ValueTask DisposeAsync()
    {
        await RemoveAsync($"topic {_log.Topic}", () => KafkaInteractionLog.DeleteTopicAsync(_address, _log, TimeProvider.System, NullLogger.Instance));
        await RemoveAsync($"schema {_states.Schema}", async () =>
        {
            await using PostgresStore store = OpenStore();
            await store.DropSchemaAsync(CancellationToken.None);
        });
        Directory.Delete(_folder, recursive: true);
    }

    private async Task RemoveAsync(string what, Func<Task> remove)
    {
        try
        {
            await remove();
        }
        catch (StoreUnavailableException error)
        {
            _terminal.Error.WriteLine($"WARNING: the {what} of this run was not removed ({error.Message}); remove it by hand");
        }
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
