using System.CommandLine;
using RecSys.Cli.Hosting;

namespace RecSys.Cli.Commands;

/// <summary><c>recsys serve</c>: runs a server on a data folder until it is stopped.</summary>
internal static class ServeCommand
{
    public static Command Create(Shared shared, Terminal terminal)
    {
        Option<string?> urls = new("--urls") { Description = "The addresses to listen at; the default is http://127.0.0.1:5080.", HelpName = "URL" };
        Option<bool> rebuild = new("--rebuild") { Description = "Rebuild the states and folds from the log, after a check of the whole log; the old ones are kept in before-rebuild-…" };
        Option<bool> acceptDamage = new("--accept-damage") { Description = "With --rebuild: even from a log that has lost records." };
        Command command = Shared.Command("serve", "Serve recommendations over HTTP from a data folder.", "serve --data shop --urls http://127.0.0.1:8080");
        command.Options.Add(shared.Data);
        command.Options.Add(urls);
        command.Options.Add(shared.Log);
        command.Options.Add(shared.Store);
        command.Options.Add(rebuild);
        command.Options.Add(acceptDamage);
        command.Validators.Add(parsed =>
        {
            if (parsed.GetValue(acceptDamage) && !parsed.GetValue(rebuild))
            {
                parsed.AddError("--accept-damage requires --rebuild: give both, or leave it out");
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
            await using RecSysHost host = await RecSysHost.StartAsync(
                new HostArguments(folder)
                {
                    Urls = parsed.GetValue(urls),
                    Rebuild = parsed.GetValue(rebuild),
                    AcceptDamage = parsed.GetValue(acceptDamage),
                    Settings = shared.StoreSettings(parsed),
                },
                cancellationToken);
            terminal.Out.WriteLine($"recsys serves {folder.Path} at {host.Url}");
            await host.WaitForShutdownAsync(cancellationToken);
            return host.IsDowned ? ExitCodes.Downed
                : folder.IsInPlace ? ExitCodes.Done
                : throw new CommandException($"{folder.Path}: the data folder was renamed, replaced or removed while the server ran on it");
        });
        return command;
    }
}
