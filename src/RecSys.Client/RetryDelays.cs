using System.Security.Cryptography;

namespace RecSys.Client;

/// <summary>Delays before a retry: exponential back-off with jitter.</summary>
internal static class RetryDelays
{
    private const int RandomSteps = 1 << 20;

    /// <summary>The delay before the first retry, without jitter.</summary>
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest delay, without jitter.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <summary>Returns the delay before a retry.</summary>
    /// <param name="retry">Number of the retry, from 0.</param>
    /// <param name="random">A random number from 0 to 1, so that clients do not all retry at the same time.</param>
    /// <returns>Half to all of 100 ms × 2^retry, at most 5 s.</returns>
    public static TimeSpan Before(int retry, double random)
    {
        TimeSpan full = TimeSpan.FromMilliseconds(
            Math.Min(Longest.TotalMilliseconds, First.TotalMilliseconds * Math.Pow(2, retry)));
        return full * (0.5 + (0.5 * random));
    }

    /// <summary>Returns a random number from 0 to 1, without a seed, so that clients that start at the same moment get different ones.</summary>
    public static double NextRandom() => RandomNumberGenerator.GetInt32(RandomSteps) / (double)RandomSteps;
}
