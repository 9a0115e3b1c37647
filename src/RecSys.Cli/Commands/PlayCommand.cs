using System.CommandLine;
using System.Globalization;
using RecSys.Cli.Hosting;
using RecSys.Cli.Play;

namespace RecSys.Cli.Commands;

/// <summary><c>recsys play</c>: runs a simulated shop.</summary>
internal static class PlayCommand
{
    public static Command Create(Terminal terminal, TimeProvider time)
    {
        Option<string> urls = new("--urls")
        {
            Description = "The address of the shop.",
            DefaultValueFactory = _ => "http://127.0.0.1:5080",
            HelpName = "URL",
        };
        Option<bool> quiet = new("--quiet", "-q") { Description = "Do not print the calls as they happen." };
        Option<ulong> seed = new("--seed") { Description = "The seed of the simulated shop.", DefaultValueFactory = _ => new ShopWorldOptions().Seed, HelpName = "N" };
        Command command = Shared.Command("play", "Open a demo shop in a temporary folder: click, and watch the recommendations change.", "play");
        command.Options.Add(urls);
        command.Options.Add(quiet);
        command.Options.Add(seed);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            DirectoryInfo temporary = Directory.CreateTempSubdirectory("recsys-play-");
            try
            {
                using DataFolder folder = DataFolder.TryLock(temporary.FullName)!;
                ShopWorld shop = new(new ShopWorldOptions { Seed = parsed.GetValue(seed) }, time.GetUtcNow());
                bool isQuiet = parsed.GetValue(quiet);
                await using RecSysHost? host = await RecSysHost.TryStartAsync(
                    new HostArguments(folder)
                    {
                        Urls = parsed.GetValue(urls),
                        Shop = shop,
                        OnCall = isQuiet ? null : call => Print(terminal, call),
                    },
                    cancellationToken);
                if (host is null)
                {
                    return ExitCodes.Done; // stopped during the start
                }

                terminal.Out.WriteLine($"""
                    The shop is open: {host.Url}
                      Pick a shopper, open an item, buy it: the shelves answer, and say why.
                      curl '{host.Url}v1/users/ada/recommendations?count=3'
                    Ctrl+C closes the shop and leaves nothing behind.
                    """);
                await terminal.Out.FlushAsync(cancellationToken);
                await host.WaitForShutdownAsync(cancellationToken);
                return ExitCodes.Done;
            }
            finally
            {
                temporary.Delete(recursive: true);
            }
        });
        return command;
    }

    private static void Print(Terminal terminal, CallSeen call)
    {
        if (call.Target.StartsWith("/v1/", StringComparison.Ordinal) && !call.Target.StartsWith("/v1/status", StringComparison.Ordinal))
        {
            terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{call.StatusCode} {call.ElapsedMs,7:0.0} ms  {call.Method} {call.Target}"));
        }
    }
}
