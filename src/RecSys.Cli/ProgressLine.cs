using System.Globalization;

namespace RecSys.Cli;

/// <summary>A line on standard error with the progress of a long job, its rate, and the time left.</summary>
/// <remarks>On a terminal it is rewritten in place; elsewhere a line is written every ten seconds, for logs.</remarks>
internal sealed class ProgressLine
{
    private const int BarWidth = 24;

    private static readonly TimeSpan TerminalPeriod = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LogPeriod = TimeSpan.FromSeconds(10);

    private readonly Terminal _terminal;
    private readonly TimeProvider _time;
    private readonly string _what;
    private readonly long _start;
    private readonly Lock _gate = new();
    private long _written;
    private int _width;

    private ProgressLine(Terminal terminal, TimeProvider time, string what)
    {
        _terminal = terminal;
        _time = time;
        _what = what;
        _start = _written = time.GetTimestamp();
    }

    /// <summary>Runs a job with its progress shown.</summary>
    /// <param name="terminal">The terminal.</param>
    /// <param name="time">The clock.</param>
    /// <param name="what">Description of the job in a few words.</param>
    /// <param name="run">The job; it reports the share done (0 to 1) and a few words, on any thread.</param>
    public static async Task<T> RunAsync<T>(Terminal terminal, TimeProvider time, string what, Func<Action<double, string>, Task<T>> run)
    {
        ProgressLine line = new(terminal, time, what);
        try
        {
            return await run(line.Report);
        }
        finally
        {
            line.Clear();
        }
    }

    private void Report(double share, string words)
    {
        lock (_gate)
        {
            TimeSpan period = _terminal.IsErrorRedirected ? LogPeriod : TerminalPeriod;
            if (_time.GetElapsedTime(_written) < period)
            {
                return;
            }

            _written = _time.GetTimestamp();
            string text = Text(Math.Clamp(share, 0, 1), words);
            if (_terminal.IsErrorRedirected)
            {
                _terminal.Error.WriteLine(text);
                return;
            }

            _terminal.Error.Write("\r" + text.PadRight(_width));
            _width = text.Length;
        }
    }

    private string Text(double share, string words)
    {
        int full = (int)(share * BarWidth);
        TimeSpan elapsed = _time.GetElapsedTime(_start);
        string remaining = share > 0.01
            ? string.Create(CultureInfo.InvariantCulture, $", {elapsed.TotalSeconds * (1 - share) / share:0} s left")
            : "";
        string text = string.Create(
            CultureInfo.InvariantCulture, $"{_what} [{new string('#', full)}{new string('.', BarWidth - full)}] {share * 100,3:0} % {words}{remaining}");
        return text.Length <= Terminal.Columns ? text : text[..Terminal.Columns];
    }

    private void Clear()
    {
        lock (_gate)
        {
            if (_width > 0)
            {
                _terminal.Error.Write("\r" + new string(' ', _width) + "\r");
            }
        }
    }
}
