using Xunit;

namespace RecSys.Numerics.Tests;

public sealed class SeededRandomTests
{
    [Fact]
    public void A_seed_always_gives_the_same_numbers()
    {
        SeededRandom random = new(0);

        // SplitMix64 of 0 seeds the state (its first value is E220A8397B1DCDAF), then xoshiro256** goes on.
        ulong[] first = [random.NextUInt64(), random.NextUInt64(), random.NextUInt64()];

        Assert.Equal([0x99EC5F36CB75F2B4, 0xBF6E1F784956452A, 0x1A5F849D4933E6E0], first);
    }

    [Fact]
    public void Streams_of_a_seed_differ()
    {
        ulong[] firsts =
        [
            .. Enumerable.Range(0, 1000).Select(stream => new SeededRandom(5, (ulong)stream).NextUInt64()),
            .. Enumerable.Range(0, 1000).Select(seed => new SeededRandom((ulong)seed, 1_000_000).NextUInt64()),
        ];

        Assert.Equal(firsts.Length, firsts.Distinct().Count());
        Assert.Equal(new SeededRandom(5, 3).NextUInt64(), firsts[3]);
    }

    [Fact]
    public void Whole_numbers_are_spread_evenly()
    {
        SeededRandom random = new(1);
        int[] counts = new int[7];
        for (int i = 0; i < 70_000; i++)
        {
            counts[random.NextInt(7)]++;
        }

        // Five deviations of √(70,000 · 1/7 · 6/7).
        Assert.All(counts, count => Assert.InRange(count, 10_000 - 463, 10_000 + 463));
        for (int i = 0; i < 100; i++)
        {
            Assert.InRange(random.NextInt(-3, 4), -3, 3);
        }
    }

    [Fact]
    public void A_range_that_is_not_a_power_of_two_has_no_bias()
    {
        // Three quarters of 2³²⁻¹: taking the remainder would give the lower third twice as often.
        const int Range = 1_610_612_736;
        SeededRandom random = new(2);
        int lower = 0;
        for (int i = 0; i < 30_000; i++)
        {
            lower += random.NextInt(Range) < Range / 3 ? 1 : 0;
        }

        Assert.InRange(lower, 10_000 - 409, 10_000 + 409);
    }

    [Fact]
    public void Fractions_lie_in_the_unit_interval()
    {
        SeededRandom random = new(3);
        double sum = 0;
        for (int i = 0; i < 20_000; i++)
        {
            double value = random.NextDouble();
            float single = random.NextSingle();
            Assert.InRange(value, 0, 1 - 1e-16);
            Assert.True(single is >= 0 and < 1);
            sum += value + single;
        }

        Assert.Equal(20_000, sum, tolerance: 5 * Math.Sqrt(40_000 / 12.0));
    }

    [Fact]
    public void Normal_numbers_have_the_moments_and_tails_of_the_distribution()
    {
        const int Count = 100_000;
        SeededRandom random = new(4);
        float[] values = new float[Count];
        random.FillGaussian(values, 2f);

        double[] unit = [.. values.Select(value => value / 2.0)];
        Assert.Equal(0, unit.Average(), tolerance: 5 / Math.Sqrt(Count));
        Assert.Equal(1, unit.Average(value => value * value), tolerance: 5 * Math.Sqrt(2.0 / Count));
        Assert.Equal(0, unit.Average(value => value * value * value), tolerance: 5 * Math.Sqrt(15.0 / Count));
        Assert.Equal(3, unit.Average(value => Math.Pow(value, 4)), tolerance: 5 * Math.Sqrt(96.0 / Count));
        double beyondTwo = unit.Count(value => Math.Abs(value) > 2) / (double)Count;
        Assert.Equal(0.0455, beyondTwo, tolerance: 5 * Math.Sqrt(0.0455 / Count));
    }

    [Fact]
    public void The_logarithm_equals_the_librarys_except_for_the_last_bits()
    {
        SeededRandom random = new(5);
        for (int i = 0; i < 10_000; i++)
        {
            double value = Math.ScaleB(random.NextDouble() + 1e-12, random.NextInt(-100, 2));
            Assert.Equal(Math.Log(value), SeededRandom.Log(value), tolerance: 1e-15 * Math.Max(1, Math.Abs(Math.Log(value))));
        }
    }

    [Fact]
    public void Shuffling_gives_every_order_equally_often()
    {
        SeededRandom random = new(6);
        Dictionary<string, int> counts = [];
        for (int i = 0; i < 24_000; i++)
        {
            char[] letters = ['a', 'b', 'c', 'd'];
            random.Shuffle(letters.AsSpan());
            string order = new(letters);
            counts[order] = counts.GetValueOrDefault(order) + 1;
        }

        Assert.Equal(24, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 1000 - 155, 1000 + 155));
    }

    [Fact]
    public void Empty_ranges_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SeededRandom(1).NextInt(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SeededRandom(1).NextInt(3, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SeededRandom(1).NextInt(int.MinValue, int.MaxValue));
    }
}
