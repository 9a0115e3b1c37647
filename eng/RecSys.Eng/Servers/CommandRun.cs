using System.Diagnostics;

namespace RecSys.Eng.Servers;

/// <summary>A program that was run to its end.</summary>
/// <param name="ExitCode">Its exit code; null if it was killed for taking too long.</param>
/// <param name="Output">Its standard output and standard error.</param>
internal sealed record CommandRun(int? ExitCode, string Output)
{
    /// <summary>Runs a program and waits for its end.</summary>
    public static async Task<CommandRun> RunAsync(
        string program, IEnumerable<string> arguments, string? folder, TimeSpan timeout, CancellationToken cancellationToken)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? "",
        };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} does not start");
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        Task<string> errors = process.StandardError.ReadToEndAsync(cancellationToken);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        int? exitCode = null;
        try
        {
            await process.WaitForExitAsync(limit.Token);
            exitCode = process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
        }

        return new CommandRun(exitCode, await output + await errors);
    }
}
