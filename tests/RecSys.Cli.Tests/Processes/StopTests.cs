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

    private const int EndedBySignal = 128 + 15;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("serve", "--data")]
    [InlineData("play", null)]
    public async Task A_stop_during_the_start_is_no_failure(string command, string? data)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the signal is needed");
        for (int delayMs = 400; delayMs <= 2_200; delayMs += 300)
        {
            using Program program = new(command, data, "Critical");
            Task<string> printed = program.Process.StandardOutput.ReadToEndAsync(Cancel);
            Task<string> logged = program.Process.StandardError.ReadToEndAsync(Cancel);
            await Task.Delay(delayMs, Cancel);
            await program.TerminateAsync();

            // Before the program handles signals, the signal ends it.
            Assert.True(program.Process.ExitCode is ExitCodes.Done or EndedBySignal, $"after {delayMs} ms the exit code is {program.Process.ExitCode}");
            Assert.DoesNotContain("crit", await logged, StringComparison.Ordinal);
            Assert.DoesNotContain("Exception", await logged, StringComparison.Ordinal);
            await printed;
        }
    }

    [Theory]
    [InlineData("serve", "--data")]
    [InlineData("play", null)]
    public async Task The_services_are_stopped_once(string command, string? data)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the signal is needed");
        using Program program = new(command, data, "Debug");
        Task<string> logged = program.Process.StandardError.ReadToEndAsync(Cancel);
        while (await program.Process.StandardOutput.ReadLineAsync(Cancel) is { } line && !line.Contains("http://", StringComparison.Ordinal))
        {
        }

        await program.TerminateAsync();

        Assert.Equal(ExitCodes.Done, program.Process.ExitCode);
        Assert.Single(Regex.Matches(await logged, "Hosting stopping"));
    }

    /// <summary>The running program, with a temporary folder of its own.</summary>
    private sealed class Program : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recsys-stop-");

        public Program(string command, string? data, string levelOfHost)
        {
            ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "recsys"), [command, "--urls", "http://127.0.0.1:0"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment = { ["Logging__LogLevel__Microsoft.Extensions.Hosting.Internal.Host"] = levelOfHost, ["TMPDIR"] = _folder.FullName },
            };
            if (data is not null)
            {
                start.ArgumentList.Add(data);
                start.ArgumentList.Add(_folder.FullName);
            }

            Process = Process.Start(start)!;
        }

        public Process Process { get; }

        /// <summary>Sends SIGTERM and waits until the program has ended.</summary>
        public async Task TerminateAsync()
        {
            using (Process kill = Process.Start("kill", ["-TERM", Process.Id.ToString(CultureInfo.InvariantCulture)]))
            {
                await kill.WaitForExitAsync(Cancel);
            }

            await Process.WaitForExitAsync(Cancel).WaitAsync(TimeLimit, Cancel);
        }

        public void Dispose()
        {
            Process.Kill(entireProcessTree: true);
            Process.Dispose();
            _folder.Delete(recursive: true);
        }
    }
}
