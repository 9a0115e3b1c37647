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

    /// <summary>Gets the number of successful requests.</summary>
    public int Requests => _sortedMs.Length;

    /// <summary>Gets the number of failed requests.</summary>
    public int Failures { get; }

    /// <summary>Gets the message of the first failure.</summary>
    public string? FirstFailure { get; }

    /// <summary>Gets the number of successful requests per second.</summary>
    public double RequestsPerSecond => Requests / Elapsed.TotalSeconds;

    /// <summary>Returns a quantile of the latencies, in milliseconds; NaN without requests.</summary>
    /// <param name="share">The share of the requests with at most this latency, 0 to 1.</param>
    public double QuantileMs(double share) =>
        _sortedMs.Length == 0 ? double.NaN : _sortedMs[Math.Min(_sortedMs.Length - 1, (int)(share * _sortedMs.Length))];
}
