using System.Numerics;
using Xunit;

namespace RecSys.Numerics.Tests;

/// <summary>Test numbers: seeded, of mixed magnitudes, so that another order of additions shows in the bits.</summary>
internal static class Numbers
{
    // Around every width of every tier: none, one less, exact, one more, two blocks and a tail.
    public static TheoryData<Tier, int> TiersAndLengths
    {
        get
        {
            TheoryData<Tier, int> data = [];
            foreach (Tier tier in Enum.GetValues<Tier>())
            {
                foreach (int length in (int[])[0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 63, 64, 65, 129])
                {
                    data.Add(tier, length);
                }
            }

            return data;
        }
    }

    public static T[] Random<T>(int length, ulong seed)
        where T : IFloatingPointIeee754<T>
    {
        SeededRandom random = new(seed);
        T[] values = new T[length];
        for (int i = 0; i < length; i++)
        {
            values[i] = T.CreateTruncating(random.NextGaussian() * Math.Pow(2, random.NextInt(-6, 6)));
        }

        return values;
    }

    /// <summary>V ᵀV + I for a random V: positive definite; both triangles.</summary>
    public static T[] PositiveDefinite<T>(int n, ulong seed)
        where T : IFloatingPointIeee754<T>
    {
        SeededRandom random = new(seed);
        double[] v = new double[n * n];
        for (int i = 0; i < v.Length; i++)
        {
            v[i] = random.NextGaussian();
        }

        T[] a = new T[n * n];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
            {
                double sum = i == j ? 1 : 0;
                for (int r = 0; r < n; r++)
                {
                    sum += v[(r * n) + i] * v[(r * n) + j];
                }

                a[(i * n) + j] = T.CreateTruncating(sum);
            }
        }

        return a;
    }

    public static long[] Bits<T>(ReadOnlySpan<T> values)
        where T : IFloatingPointIeee754<T>
    {
        long[] bits = new long[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            bits[i] = values[i] is float single
                ? BitConverter.SingleToInt32Bits(single)
                : BitConverter.DoubleToInt64Bits(double.CreateTruncating(values[i]));
        }

        return bits;
    }
}
