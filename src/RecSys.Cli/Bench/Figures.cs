using System.Globalization;

namespace RecSys.Cli.Bench;

/// <summary>Prints figures as they are measured: one line each, or JSON lines for programs.</summary>
internal sealed class Figures(Terminal terminal, bool isJson)
{
    /// <summary>Prints one figure.</summary>
    public void Add(string name, double value, string unit, string? note = null)
    {
        if (isJson)
        {
            terminal.Json(new Figure(name, value, unit, note), FigureJsonContext.Default.Figure);
            return;
        }

        string number = value >= 100 ? Terminal.Number((long)Math.Round(value)) : value.ToString("0.###", CultureInfo.InvariantCulture);
        terminal.Out.WriteLine($"{name,-38} {number,12} {unit}{(note is null ? "" : "  " + note)}");
    }

    /// <summary>Prints the rate and the quantiles of a load.</summary>
    public void Add(string name, LoadResult load, string unit, double perRequest = 1)
    {
        Add($"{name}.rate", load.RequestsPerSecond * perRequest, $"{unit}/s");
        Add($"{name}.p50", load.QuantileMs(0.50), "ms", "a request");
        Add($"{name}.p95", load.QuantileMs(0.95), "ms");
        Add($"{name}.p99", load.QuantileMs(0.99), "ms");
        if (load.Failures > 0)
        {
            Add($"{name}.failed", load.Failures, "requests", load.FirstFailure);
        }
    }
}
