using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace RecSys.Files.Tests;

/// <summary>The syncs and renames of this process within a folder, recorded by strace. The test is skipped if strace is missing or not permitted.</summary>
internal sealed class SystemCalls : IAsyncDisposable
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(30);

    private readonly Process _strace;
    private readonly string _folder;
    private readonly string _trace;

    private SystemCalls(Process strace, string folder, string trace)
    {
        _strace = strace;
        _folder = folder;
        _trace = trace;
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static Task<SystemCalls> OfThisProcessAsync(string folder) =>
        StartAsync(folder, "-y", "-s", "512", "-e", "trace=fsync,fdatasync,rename,renameat,renameat2,link,linkat");

    /// <summary>Lets each sync of a folder fail until this is disposed of; other syncs succeed.</summary>
    public static Task<SystemCalls> FailSyncsOfAsync(string folder) =>
        StartAsync(folder, "-P", folder, "-e", "trace=fsync", "-e", "inject=fsync:error=EIO");

    private static async Task<SystemCalls> StartAsync(string folder, params string[] options)
    {
        string trace = Path.GetTempFileName();
        ProcessStartInfo start = new("strace") { RedirectStandardError = true };
        string[] arguments =
        [
            "-f", .. options, "-o", trace, "-p", Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
        ];
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        Process? strace = null;
        try
        {
            strace = Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception)
        {
        }

        // strace prints "attached" once it traces every thread, or the reason why it cannot.
        bool isAttached = false;
        while (!isAttached && strace is not null && await strace.StandardError.ReadLineAsync(Cancel) is { } line)
        {
            isAttached = line.Contains("attached", StringComparison.Ordinal);
        }

        Assert.SkipUnless(isAttached, "strace is not here, or may not trace");
        return new SystemCalls(strace!, folder, trace);
    }

    /// <summary>Ends the trace, and returns the calls in their order.</summary>
    public async Task<IReadOnlyList<string>> EndAsync()
    {
        // The trace is written a moment after the calls: a call of the test's own marks its end.
        string mark = Path.Combine(_folder, "end.mark");
        DurableFiles.SyncFolder(_folder);
        File.WriteAllBytes(mark, []);
        File.Move(mark, mark + "ed");
        long began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < TimeLimit)
        {
            using FileStream stream = new(_trace, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using StreamReader reader = new(stream);
            string[] lines = (await reader.ReadToEndAsync(Cancel)).Split('\n');
            if (Array.Exists(lines, line => line.Contains("end.marked", StringComparison.Ordinal)))
            {
                List<string> calls = [.. lines.Where(line => line.Contains(_folder, StringComparison.Ordinal)).Select(Named).OfType<string>()];
                return calls[..^2]; // without the two of this method
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
        }

        throw new TimeoutException("strace wrote no trace");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_strace.HasExited)
        {
            _strace.Kill();
            await _strace.WaitForExitAsync(CancellationToken.None);
        }

        _strace.Dispose();
        File.Delete(_trace);
    }

    private string? Named(string line) =>
        line.Contains("resumed>", StringComparison.Ordinal) ? null // the second half of a call that another thread's interrupted
        : line.Contains("sync(", StringComparison.Ordinal)
            ? line.Contains(DurableFiles.AsideSuffix + ">", StringComparison.Ordinal) ? "sync aside"
            : line.Contains($"<{_folder}>", StringComparison.Ordinal) ? "sync folder"
            : "sync another"
        : "name";
}
