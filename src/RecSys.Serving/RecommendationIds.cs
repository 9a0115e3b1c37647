using System.Security.Cryptography;
using RecSys.Numerics;

namespace RecSys.Serving;

/// <summary>Creates ids of slates in the format of a ULID: 48 bits of Unix milliseconds and 80 random bits in Crockford's base 32. The 26 characters sort by time.</summary>
/// <remarks>The random bits come from a seed and a counter, so that a run with the same seed and clock repeats its ids. Safe for concurrent use.</remarks>
internal sealed class RecommendationIds(TimeProvider time, ulong? seed)
{
    public const int Length = 26;

    private const string Digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    private long _count = -1;

    /// <summary>Gets the given seed; a random one if none was given.</summary>
    public ulong Seed { get; } = seed ?? BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    public string Next()
    {
        SeededRandom random = new(Seed, (ulong)Interlocked.Increment(ref _count));
        UInt128 value = ((UInt128)(ulong)time.GetUtcNow().ToUnixTimeMilliseconds() << 80)
            | ((UInt128)(random.NextUInt64() & 0xFFFF) << 64)
            | random.NextUInt64();
        return string.Create(Length, value, static (text, rest) =>
        {
            for (int i = text.Length - 1; i >= 0; i--)
            {
                text[i] = Digits[(int)(uint)(rest & 31)];
                rest >>= 5;
            }
        });
    }
}
