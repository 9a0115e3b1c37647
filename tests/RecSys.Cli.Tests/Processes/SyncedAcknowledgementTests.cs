using System.Diagnostics;
using System.Globalization;
using RecSys.Cli.Bench;
using RecSys.Client;
using Xunit;

namespace RecSys.Cli.Tests.Processes;

/// <summary>A kill does not reveal a missing sync, because the operating system keeps written bytes; so the syncs are counted.</summary>
[Trait("Category", "Slow")]
public sealed class SyncedAcknowledgementTests
{
    private const int Interactions = 50;

    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(10);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_separate_acknowledgement_follows_its_own_sync()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(null, new Dictionary<string, string>(), TimeProvider.System, Cancel);
        using RecSysClient client = new(new RecSysClientOptions { BaseAddress = server.Url });
        await client.RecordAsync(Row(-1), Cancel);
        string trace = Path.GetTempFileName();
        try
        {
            using Process? strace = await AttachAsync(server.ProcessId, trace);
            Assert.SkipWhen(strace is null, "strace is not here, or may not trace");
            int before = await SyncsAsync(trace, atLeast: 0);
            for (int number = 0; number < Interactions; number++)
            {
                await client.RecordAsync(Row(number), Cancel);
            }

            int syncs = await SyncsAsync(trace, before + Interactions) - before;
            strace.Kill();
            await strace.WaitForExitAsync(Cancel);
            Assert.True(syncs >= Interactions, $"{syncs} syncs for {Interactions} acknowledgements one after the other");
        }
        finally
        {
            File.Delete(trace);
        }
    }

    private static InteractionBody Row(int number) =>
        new() { UserId = "ada", ItemId = string.Create(CultureInfo.InvariantCulture, $"item-{number}"), Type = "view" };

    private static async Task<Process?> AttachAsync(int processId, string trace)
    {
        ProcessStartInfo start = new("strace") { RedirectStandardError = true };
        foreach (string argument in (string[])["-f", "-e", "trace=fsync,fdatasync", "-o", trace, "-p", processId.ToString(CultureInfo.InvariantCulture)])
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            Process? strace = Process.Start(start);

            // strace prints "attached" once it traces every thread, or the reason why it cannot.
            while (strace is not null && await strace.StandardError.ReadLineAsync(Cancel) is { } line)
            {
                if (line.Contains("attached", StringComparison.Ordinal))
                {
                    return strace;
                }
            }

            return null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    // The trace is written a moment after the call.
    private static async Task<int> SyncsAsync(string trace, int atLeast)
    {
        long start = Stopwatch.GetTimestamp();
        int syncs = 0;
        while (Stopwatch.GetElapsedTime(start) < TimeLimit)
        {
            using FileStream stream = new(trace, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using StreamReader reader = new(stream);
            string text = await reader.ReadToEndAsync(Cancel);
            syncs = text.Split('\n').Count(line => line.Contains("sync(", StringComparison.Ordinal));
            if (syncs >= atLeast)
            {
                return syncs;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancel);
        }

        return syncs;
    }
}
