namespace RecSys.Cli.Bench;

/// <summary>What a load came to.</summary>
internal sealed class LoadResult
{
    private readonly double[] _sortedMs;

    /// <summary>Takes the latencies of the requests that succeeded.</summary>
    public LoadResult(IEnumerable<double> latenciesMs, TimeSpan elapsed, int failures, string? firstFailure)
    {
        _sortedMs = [.. latenciesMs];
        Array.Sort(_sortedMs);
        Elapsed = elapsed;
        Failures = failures;
        FirstFailure = firstFailure;
    }

    /// <summary>How long it lasted.</summary>
    public TimeSpan Elapsed { get; }

    /// <summary>Requests that succeeded.</summary>
    public int Requests => _sortedMs.Length;

    /// <summary>Requests that failed.</summary>
    public int Failures { get; }

    /// <summary>What the first failure said.</summary>
    public string? FirstFailure { get; }

    /// <summary>Requests that succeeded, a second.</summary>
    public double RequestsPerSecond => Requests / Elapsed.TotalSeconds;

    /// <summary>The latency that a share of the requests stayed within, in milliseconds; NaN without requests.</summary>
    public double QuantileMs(double share) =>
        _sortedMs.Length == 0 ? double.NaN : _sortedMs[Math.Min(_sortedMs.Length - 1, (int)(share * _sortedMs.Length))];
}
