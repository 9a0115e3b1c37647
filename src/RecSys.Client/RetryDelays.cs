using System.Security.Cryptography;

namespace RecSys.Client;

/// <summary>Delays before a retry: exponential back-off with jitter.</summary>
internal static class RetryDelays
{
    private const int ChanceSteps = 1 << 20;

    /// <summary>The delay before the first retry, without jitter.</summary>
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest delay, without jitter.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <summary>Returns the delay before a retry.</summary>
    /// <param name="retry">Number of the retry, from 0.</param>
    /// <param name="chance">A number from 0 to 1 that spreads the clients' retries.</param>
    /// <returns>Half to all of 100 ms × 2^retry, at most 5 s.</returns>
    public static TimeSpan Before(int retry, double chance)
    {
        TimeSpan full = TimeSpan.FromMilliseconds(
            Math.Min(Longest.TotalMilliseconds, First.TotalMilliseconds * Math.Pow(2, retry)));
        return full * (0.5 + (0.5 * chance));
    }

    /// <summary>Returns a number from 0 to 1 that differs between clients that start at the same moment.</summary>
    public static double Chance() => RandomNumberGenerator.GetInt32(ChanceSteps) / (double)ChanceSteps;
}
