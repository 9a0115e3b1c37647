using System.CommandLine;
using System.Globalization;
using RecSys.Actors;
using RecSys.Cli.Hosting;

namespace RecSys.Cli.Commands;

/// <summary><c>recsys serve</c>: runs a server on a data folder until it is stopped.</summary>
internal static class ServeCommand
{
    public static Command Create(Shared shared, Terminal terminal)
    {
        Option<string?> urls = new("--urls") { Description = "The addresses to listen at; the default is http://127.0.0.1:5080.", HelpName = "URL" };
        Option<string?> models = new("--models") { Description = "The folder of models that all nodes of a cluster share; the folder models of the data folder becomes a link to it.", HelpName = "DIR" };
        Option<string?> listen = NodeOption(
            "--listen", "HOST:PORT", "The address at which other nodes of a cluster reach this node. Without it, the node accepts no connections of other nodes.");
        Option<string?> bind = new("--bind")
        {
            Description = "The address of this machine at which the node listens for others, if it is not that of --listen; 0.0.0.0 for all.",
            HelpName = "HOST",
        };
        Option<string?> join = NodeOption(
            "--join", "HOST:PORT,…", "The nodes to join; if there is no cluster yet, the first one creates it. Needs a log on Kafka and states in PostgreSQL.");
        Option<string?> roles = new("--roles")
        {
            Description = $"The roles of this node: {string.Join(", ", NodeRoles.All)}; the default is all of them.",
            HelpName = "ROLE,…",
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                return text.Split(',').FirstOrDefault(name => !NodeRoles.All.Contains(name)) is { } unknown
                    ? Shared.Refuse<string?>(result, $"--roles has '{unknown}'; {string.Join(", ", NodeRoles.All)} are allowed")
                    : text;
            },
        };
        Option<bool> rebuild = new("--rebuild") { Description = "Rebuild the states and folds from the log, after a check of the whole log; the old ones are kept in before-rebuild-…" };
        Option<bool> acceptDamage = new("--accept-damage") { Description = "With --rebuild: rebuild even from a log that has lost records." };
        Command command = Shared.Command("serve", "Serve recommendations over HTTP from a data folder.", "serve --data shop --urls http://127.0.0.1:8080");
        command.Options.Add(shared.Data);
        command.Options.Add(urls);
        command.Options.Add(shared.Log);
        command.Options.Add(shared.Store);
        command.Options.Add(models);
        command.Options.Add(listen);
        command.Options.Add(bind);
        command.Options.Add(join);
        command.Options.Add(roles);
        command.Options.Add(rebuild);
        command.Options.Add(acceptDamage);
        command.Validators.Add(parsed =>
        {
            if (parsed.GetValue(acceptDamage) && !parsed.GetValue(rebuild))
            {
                parsed.AddError("--accept-damage requires --rebuild: give both, or leave it out");
            }

            if (parsed.GetValue(bind) is not null && parsed.GetValue(listen) is null)
            {
                parsed.AddError("--bind requires --listen: give the address at which other nodes reach this one too");
            }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string data = parsed.GetValue(shared.Data)!;
            using DataFolder folder = DataFolder.TryLock(data)
                ?? throw new CommandException(
                    DataFolder.ReadServer(data) is { } running
                        ? $"{data}: a server runs on this data folder already, at {running.Url}"
                        : $"{data}: another process uses this data folder");
            if (parsed.GetValue(models) is { } sharedModels)
            {
                SharedModels.Link(new InstallationFiles(folder.Path), sharedModels);
            }

            await using RecSysHost? host = await RecSysHost.TryStartAsync(
                new HostArguments(folder)
                {
                    Urls = parsed.GetValue(urls),
                    Rebuild = parsed.GetValue(rebuild),
                    AcceptDamage = parsed.GetValue(acceptDamage),
                    Settings = SettingsOf(shared.StoreSettings(parsed), parsed.GetValue(listen), parsed.GetValue(bind)),
                    Join = parsed.GetValue(join)?.Split(','),
                    Roles = parsed.GetValue(roles)?.Split(','),
                },
                cancellationToken);
            if (host is null)
            {
                return ExitCodes.Done; // stopped during the start
            }

            terminal.Out.WriteLine($"recsys serves {folder.Path} at {host.Url}");
            await host.WaitForShutdownAsync(cancellationToken);
            return host.IsDowned ? ExitCodes.Downed
                : folder.IsInPlace ? ExitCodes.Done
                : throw new CommandException($"{folder.Path}: the data folder was renamed, replaced or removed while the server ran on it");
        });
        return command;
    }

    private static Dictionary<string, string?> SettingsOf(Dictionary<string, string?> settings, string? listen, string? bind)
    {
        if (listen is not null && NodeAddress.TryParse(listen, out NodeAddress address))
        {
            settings[$"{ActorsOptions.Section}:host"] = address.Host;
            settings[$"{ActorsOptions.Section}:port"] = address.Port.ToString(CultureInfo.InvariantCulture);
        }

        if (bind is not null)
        {
            settings[$"{ActorsOptions.Section}:bindHost"] = bind;
        }

        return settings;
    }

    private static Option<string?> NodeOption(string name, string helpName, string description) => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            foreach (string part in helpName.Contains(',', StringComparison.Ordinal) ? text.Split(',') : [text])
            {
                if (!NodeAddress.TryParse(part, out NodeAddress address))
                {
                    return Shared.Refuse<string?>(result, $"{name} has '{part}' instead of HOST:PORT, as in 10.0.0.7:4053");
                }

                if (address.Host is "0.0.0.0" or "::" or "*" or "+")
                {
                    return Shared.Refuse<string?>(
                        result, $"{name} has '{part}', which other nodes cannot reach: name an address of the machine; --bind {address.Host} listens at all of them");
                }
            }

            return text;
        },
    };
}
