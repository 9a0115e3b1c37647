using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;

namespace RecSys.Cli.Tests.Processes;

/// <summary>The stop of the real program by the signal of a service manager.</summary>
[Trait("Category", "Slow")]
public sealed class StopTests
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("serve", "--data")]
    [InlineData("play", null)]
    public async Task The_services_are_stopped_once(string command, string? data)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the signal is needed");
        DirectoryInfo folder = Directory.CreateTempSubdirectory("recsys-once-");
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "recsys"), [command, "--urls", "http://127.0.0.1:0"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["Logging__LogLevel__Microsoft.Extensions.Hosting.Internal.Host"] = "Debug", ["TMPDIR"] = folder.FullName },
        };
        if (data is not null)
        {
            start.ArgumentList.Add(data);
            start.ArgumentList.Add(folder.FullName);
        }

        using Process server = Process.Start(start)!;
        try
        {
            Task<string> logged = server.StandardError.ReadToEndAsync(Cancel);
            while (await server.StandardOutput.ReadLineAsync(Cancel) is { } line && !line.Contains("http://", StringComparison.Ordinal))
            {
            }

            using (Process kill = Process.Start("kill", ["-TERM", server.Id.ToString(CultureInfo.InvariantCulture)]))
            {
                await kill.WaitForExitAsync(Cancel);
            }

            await server.WaitForExitAsync(Cancel).WaitAsync(TimeLimit, Cancel);

            Assert.Equal(0, server.ExitCode);
            Assert.Single(Regex.Matches(await logged, "Hosting stopping"));
        }
        finally
        {
            server.Kill(entireProcessTree: true);
            folder.Delete(recursive: true);
        }
    }
}
