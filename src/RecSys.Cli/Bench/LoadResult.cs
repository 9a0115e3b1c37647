namespace RecSys.Cli.Bench;

/// <summary>Result of a load.</summary>
internal sealed class LoadResult
{
    private readonly double[] _sortedMs;

    /// <summary>Creates the result from the latencies of successful requests.</summary>
    public LoadResult(IEnumerable<double> latenciesMs, TimeSpan elapsed, int failures, string? firstFailure)
    {
        _sortedMs = [.. latenciesMs];
        Array.Sort(_sortedMs);
        Elapsed = elapsed;
        Failures = failures;
        FirstFailure = firstFailure;
    }

    /// <summary>Gets the duration.</summary>
    public TimeSpan Elapsed { get; }

    /// <summary>Requests that succeeded.</summary>
    public int Requests => _sortedMs.Length;

    /// <summary>Requests that failed.</summary>
    public int Failures { get; }

    /// <summary>Gets the message of the first failure.</summary>
    public string? FirstFailure { get; }

    /// <summary>Requests that succeeded, a second.</summary>
    public double RequestsPerSecond => Requests / Elapsed.TotalSeconds;

    /// <summary>The latency that a share of the requests stayed within, in milliseconds; NaN without requests.</summary>
    public double QuantileMs(double share) =>
        _sortedMs.Length == 0 ? double.NaN : _sortedMs[Math.Min(_sortedMs.Length - 1, (int)(share * _sortedMs.Length))];
}
