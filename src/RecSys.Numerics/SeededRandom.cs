using System.Numerics;
using System.Runtime.CompilerServices;

namespace RecSys.Numerics;

/// <summary>
/// A stream of pseudo-random numbers that is the same for the same seed on every machine and in every version.
/// </summary>
/// <remarks>
/// xoshiro256** 1.0 by David Blackman and Sebastiano Vigna, seeded by SplitMix64, both dedicated to the public
/// domain (https://prng.di.unimi.it/). Not for secrets. A mutable struct of 32 bytes: pass it by <c>ref</c>, since
/// a copy repeats the numbers. One stream per block or row (<see cref="SeededRandom(ulong, ulong)"/>) keeps results
/// independent of the number of threads.
/// </remarks>
public struct SeededRandom
{
    private ulong _s0;
    private ulong _s1;
    private ulong _s2;
    private ulong _s3;

    /// <summary>Creates the stream of a seed; all seeds are equally suitable.</summary>
    public SeededRandom(ulong seed)
    {
        _s0 = SplitMix(ref seed);
        _s1 = SplitMix(ref seed);
        _s2 = SplitMix(ref seed);
        _s3 = SplitMix(ref seed);
    }

    /// <summary>Creates one of the streams of a seed, such as one per row.</summary>
    /// <remarks>
    /// The streams of one seed differ. Streams of different seeds may be equal: the seed and the number of the stream can be exchanged, and all streams whose number is their seed are one.
    /// Draws that must be independent therefore have the same seed and different streams, or are taken one after the other from one stream.
    /// </remarks>
    public SeededRandom(ulong seed, ulong stream)
        : this(SplitMix(ref seed) ^ SplitMix(ref stream))
    {
    }

    /// <summary>Returns the next 64 bits.</summary>
    public ulong NextUInt64()
    {
        ulong result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        ulong shifted = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= shifted;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>Returns a multiple of 2⁻⁵³, uniform in [0, 1).</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Returns a multiple of 2⁻²⁴, uniform in [0, 1).</summary>
    public float NextSingle() => (NextUInt64() >> 40) * (1.0f / (1U << 24));

    /// <summary>Returns a whole number, uniform in [0, <paramref name="count"/>), without bias.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is not positive.</exception>
    /// <remarks>Daniel Lemire, Fast Random Integer Generation in an Interval, 2019 (arXiv 1805.10941).</remarks>
    public int NextInt(int count)
    {
        Throw.IfOutside(count, 1, int.MaxValue, nameof(count));
        uint range = (uint)count;
        ulong product = (NextUInt64() >> 32) * range;
        if ((uint)product < range)
        {
            uint rejectedBelow = (0u - range) % range;
            while ((uint)product < rejectedBelow)
            {
                product = (NextUInt64() >> 32) * range;
            }
        }

        return (int)(product >> 32);
    }

    /// <summary>Returns a whole number, uniform in [<paramref name="from"/>, <paramref name="to"/>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The interval is empty, or its length exceeds an int.</exception>
    public int NextInt(int from, int to)
    {
        Throw.IfOutside((long)to - from, 1, int.MaxValue, nameof(to));
        return from + NextInt(to - from);
    }

    /// <summary>Returns a normally distributed number of mean 0 and standard deviation 1.</summary>
    /// <remarks>
    /// The polar method of Marsaglia. The logarithm in it is computed here from the four basic operations, since
    /// that of the mathematics library may differ between platforms in its last bit.
    /// </remarks>
    public double NextGaussian()
    {
        double x;
        double square;
        do
        {
            x = (2.0 * NextDouble()) - 1.0;
            double y = (2.0 * NextDouble()) - 1.0;
            square = (x * x) + (y * y);
        }
        while (square >= 1.0 || square == 0.0);

        return x * Math.Sqrt(-2.0 * Log(square) / square);
    }

    /// <summary>Fills a span with normally distributed numbers of mean 0 and the given standard deviation, 0 or more.</summary>
    public void FillGaussian(Span<float> values, float deviation)
    {
        foreach (ref float value in values)
        {
            value = (float)(NextGaussian() * deviation);
        }
    }

    /// <summary>Shuffles the items; every order is equally likely (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int last = items.Length - 1; last > 0; last--)
        {
            int other = NextInt(last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }

    /// <summary>Returns the natural logarithm of a positive normal number, with a relative error of at most 10⁻¹⁵.</summary>
    internal static double Log(double value)
    {
        // value = m · 2^e with m in [√½, √2), and ln m = 2 artanh s with s = (m − 1) / (m + 1): a series of odd powers of s, |s| ≤ 0.172.
        long bits = BitConverter.DoubleToInt64Bits(value);
        int exponent = (int)(bits >> 52) - 1023;
        double m = BitConverter.Int64BitsToDouble((bits & 0x000F_FFFF_FFFF_FFFF) | 0x3FF0_0000_0000_0000);
        if (m >= 1.4142135623730951)
        {
            m *= 0.5;
            exponent++;
        }

        double s = (m - 1.0) / (m + 1.0);
        double square = s * s;
        double series = 0.0;
        for (int odd = 21; odd >= 3; odd -= 2)
        {
            series = (series + (1.0 / odd)) * square;
        }

        return (exponent * 0.6931471805599453) + (2.0 * s) + (2.0 * s * series);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong SplitMix(ref ulong state)
    {
        state += 0x9E37_79B9_7F4A_7C15;
        ulong z = state;
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return z ^ (z >> 31);
    }
}
