using System.CommandLine;
using System.CommandLine.Parsing;
using RecSys.Cli.Hosting;

namespace RecSys.Cli.Commands;

/// <summary>Options and functions that several commands share.</summary>
internal sealed class Shared
{
    /// <summary>The variable that names the data folder.</summary>
    public const string DataVariable = "RECSYS_DATA";

    /// <summary>The variable that holds an API key.</summary>
    public const string KeyVariable = "RECSYS_API_KEY";

    /// <summary>The data folder where none is named.</summary>
    public const string DataDefault = "recsys-data";

    /// <summary><c>--data</c>.</summary>
    public Option<string> Data { get; } = new("--data")
    {
        Description = $"The data folder (or ${DataVariable}). With a server running on it, the command talks to that.",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable(DataVariable) is { Length: > 0 } folder ? folder : DataDefault,
        HelpName = "DIR",
    };

    /// <summary><c>--server</c>.</summary>
    public Option<Uri?> Server { get; } = new("--server")
    {
        Description = "A server to talk to instead of a data folder.",
        HelpName = "URL",
        CustomParser = result => Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https"
            ? new Uri(result.Tokens[0].Value)
            : Refuse<Uri?>(result, $"--server: '{result.Tokens[0].Value}' is no http or https URL"),
    };

    /// <summary><c>--api-key</c>.</summary>
    public Option<string?> ApiKey { get; } = new("--api-key")
    {
        Description = $"The key to show the server (or ${KeyVariable}).",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable(KeyVariable),
        HelpName = "KEY",
    };

    /// <summary><c>--json</c>.</summary>
    public Option<bool> Json { get; } = new("--json") { Description = "Print the result as JSON, for programs." };

    /// <summary><c>--count</c>.</summary>
    public Option<int> Count { get; } = new("--count", "-n")
    {
        Description = "How many items.",
        DefaultValueFactory = _ => 10,
        HelpName = "N",
    };

    /// <summary>Adds the options that select a RecSys.</summary>
    public void AddConnection(Command command)
    {
        command.Options.Add(Data);
        command.Options.Add(Server);
        command.Options.Add(ApiKey);
    }

    /// <summary>Opens the RecSys that is meant.</summary>
    /// <param name="parsed">The arguments of the command.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <param name="makesFolder">Whether a missing data folder is created; a command that only reads leaves none behind.</param>
    public Task<Session> OpenAsync(ParseResult parsed, CancellationToken cancellationToken, bool makesFolder = false) =>
        Session.OpenAsync(
            new ConnectionArguments(parsed.GetValue(Data)!, parsed.GetValue(Server), parsed.GetValue(ApiKey), makesFolder), cancellationToken);

    /// <summary>Opens the selected RecSys: one that runs for the command only has applied its log by then.</summary>
    public async Task<Session> OpenToAskAsync(ParseResult parsed, Terminal terminal, TimeProvider time, CancellationToken cancellationToken)
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

    /// <summary>Refuses an argument with a line that says how to correct it.</summary>
    public static T? Refuse<T>(ArgumentResult result, string message)
    {
        result.AddError(message);
        return default;
    }

    /// <summary>A command with an example in its help.</summary>
    public static Command Command(string name, string description, string example) => new CommandWithExample(name, description, example);
}
