using System.Globalization;
using Spectre.Console;

namespace RecSys.Cli;

/// <summary>Shows the progress of a long job and the remaining time as a line on standard error.</summary>
/// <remarks>On a terminal it is rewritten in place and removed at the end; elsewhere a line is written every ten seconds, for logs.</remarks>
internal static class ProgressLine
{
    private const double Whole = 100;

    private static readonly TimeSpan LogPeriod = TimeSpan.FromSeconds(10);

    /// <summary>Runs a job with its progress shown.</summary>
    /// <param name="terminal">Terminal whose standard error shows the progress.</param>
    /// <param name="time">Clock that measures the remaining time, and the time between two lines of a log.</param>
    /// <param name="what">Description of the job in a few words.</param>
    /// <param name="run">The job; it reports the share that is done (0 to 1) and a few words, on any thread.</param>
    public static Task<T> RunAsync<T>(Terminal terminal, TimeProvider time, string what, Func<Action<double, string>, Task<T>> run) =>
        terminal.IsErrorRedirected ? run(LogTo(terminal.Error, time, what)) : ShowAsync(terminal.ErrorConsole, time, what, run);

    private static Task<T> ShowAsync<T>(IAnsiConsole console, TimeProvider time, string what, Func<Action<double, string>, Task<T>> run) =>
        new Progress(console, time) { ExcludeVerticalPadding = true }
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                ProgressTask task = context.AddTask(Markup.Escape(what), maxValue: Whole);
                return await run((share, words) =>
                {
                    task.Description = Markup.Escape($"{what}: {words}");
                    task.Value = share * Whole;
                });
            });

    private static Action<double, string> LogTo(TextWriter log, TimeProvider time, string what)
    {
        Lock gate = new();
        long written = time.GetTimestamp();
        return (share, words) =>
        {
            lock (gate)
            {
                if (time.GetElapsedTime(written) >= LogPeriod)
                {
                    written = time.GetTimestamp();
                    log.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {share * Whole:0} % {words}"));
                }
            }
        };
    }
}
