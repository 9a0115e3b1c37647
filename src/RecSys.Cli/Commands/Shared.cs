using System.CommandLine;
using System.CommandLine.Parsing;
using RecSys.Cli.Hosting;
using RecSys.Kafka;
using RecSys.Postgres;

namespace RecSys.Cli.Commands;

/// <summary>Options and functions that several commands share.</summary>
internal sealed class Shared
{
    /// <summary>The environment variable for the data folder.</summary>
    public const string DataVariable = "RECSYS_DATA";

    /// <summary>The environment variable for the API key.</summary>
    public const string KeyVariable = "RECSYS_API_KEY";

    /// <summary>The default data folder.</summary>
    public const string DataDefault = "recsys-data";

    /// <summary>Gets the option <c>--data</c>.</summary>
    public Option<string> Data { get; } = new("--data")
    {
        Description = $"The data folder (or ${DataVariable}). If a server runs on it, the command calls that server.",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable(DataVariable) is { Length: > 0 } folder ? folder : DataDefault,
        HelpName = "DIR",
    };

    /// <summary>Gets the option <c>--server</c>.</summary>
    public Option<Uri?> Server { get; } = new("--server")
    {
        Description = "The URL of a server to call, instead of a data folder.",
        HelpName = "URL",
        CustomParser = result => Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https"
            ? new Uri(result.Tokens[0].Value)
            : Refuse<Uri?>(result, $"--server: '{result.Tokens[0].Value}' is not an http or https URL"),
    };

    /// <summary>Gets the option <c>--api-key</c>.</summary>
    public Option<string?> ApiKey { get; } = new("--api-key")
    {
        Description = $"The API key of the server (or ${KeyVariable}).",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable(KeyVariable),
        HelpName = "KEY",
    };

    /// <summary>Gets the option <c>--log</c>.</summary>
    public Option<string?> Log { get; } = new("--log")
    {
        Description = "The brokers of Kafka that keep the log, as kafka://HOST:PORT,HOST:PORT; the default is a file in the data folder. The topic, TLS and the user are settings (recsys:kafka).",
        HelpName = "URL",
        CustomParser = result => KafkaAddress.TryParse(result.Tokens[0].Value, out _, out string? problem)
            ? result.Tokens[0].Value
            : Refuse<string?>(result, $"--log {problem}"),
    };

    /// <summary>Gets the option <c>--store</c>.</summary>
    public Option<string?> Store { get; } = new("--store")
    {
        Description = "The database of the users' states, as postgres://USER@HOST:PORT/DATABASE; the default is a file in the data folder. The password is read from PGPASSWORD, .pgpass or the settings.",
        HelpName = "URL",
        CustomParser = result => PostgresUrl.TryParse(result.Tokens[0].Value, out _, out string? problem)
            ? result.Tokens[0].Value
            : Refuse<string?>(result, $"--store {problem}"),
    };

    /// <summary>Gets the option <c>--json</c>.</summary>
    public Option<bool> Json { get; } = new("--json") { Description = "Print the result as JSON, for programs." };

    /// <summary>Gets the option <c>--count</c>.</summary>
    public Option<int> Count { get; } = new("--count", "-n")
    {
        Description = "The number of items.",
        DefaultValueFactory = _ => 10,
        HelpName = "N",
    };

    /// <summary>Returns the settings that the options for stores override.</summary>
    public Dictionary<string, string?> StoreSettings(ParseResult parsed)
    {
        Dictionary<string, string?> settings = [];
        if (parsed.GetValue(Store) is { } store)
        {
            settings[$"{PostgresOptions.Section}:url"] = store;
        }

        if (parsed.GetValue(Log) is { } log)
        {
            settings[$"{KafkaLogOptions.Section}:url"] = log;
        }

        return settings;
    }

    /// <summary>Adds the options that select a data folder or a server.</summary>
    public void AddConnection(Command command)
    {
        command.Options.Add(Data);
        command.Options.Add(Server);
        command.Options.Add(ApiKey);
    }

    /// <summary>Opens a session with the selected server, or with one that is started for the command on the selected data folder.</summary>
    /// <param name="parsed">The arguments of the command.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <param name="makesFolder">Whether a missing data folder is created; a command that only reads does not create one.</param>
    public Task<Session> OpenAsync(ParseResult parsed, CancellationToken cancellationToken, bool makesFolder = false) =>
        Session.OpenAsync(
            new ConnectionArguments(parsed.GetValue(Data)!, parsed.GetValue(Server), parsed.GetValue(ApiKey), makesFolder), cancellationToken);

    /// <summary>Opens a session with the selected server, or with the one that runs on the selected data folder; none is started for the command.</summary>
    /// <exception cref="CommandException">No server runs on the data folder.</exception>
    public async Task<Session> OpenRunningAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(Server) is null)
        {
            DataFolder.RequireRunning(parsed.GetValue(Data)!);
        }

        return await OpenAsync(parsed, cancellationToken);
    }

    /// <summary>Opens a session as <see cref="OpenAsync"/> does, and waits until a server that was started for the command has applied its log.</summary>
    public async Task<Session> OpenCaughtUpAsync(ParseResult parsed, Terminal terminal, TimeProvider time, CancellationToken cancellationToken)
    {
        Session session = await OpenAsync(parsed, cancellationToken);
        try
        {
            await session.CatchUpAsync(terminal, time, cancellationToken);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>Refuses an argument with a one-line message.</summary>
    public static T? Refuse<T>(ArgumentResult result, string message)
    {
        result.AddError(message);
        return default;
    }

    /// <summary>Creates a command with an example in its help.</summary>
    public static Command Command(string name, string description, string example) => new CommandWithExample(name, description, example);
}
