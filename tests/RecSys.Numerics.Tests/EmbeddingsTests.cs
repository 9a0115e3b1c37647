using System.Numerics;
using Xunit;

namespace RecSys.Numerics.Tests;

public sealed class EmbeddingsTests
{
    public static TheoryData<Tier, int> TiersAndLengths => Numbers.TiersAndLengths;

    [Theory]
    [MemberData(nameof(TiersAndLengths))]
    public void Dot_has_the_bits_of_the_definition_on_every_tier(Tier tier, int length)
    {
        Check<float>();
        Check<double>();

        void Check<T>()
            where T : unmanaged, IFloatingPointIeee754<T>
        {
            T[] x = [.. Numbers.Random<T>(length, 1), T.Zero];
            T[] y = [.. Numbers.Random<T>(length, 2), T.Zero];

            T dot = tier switch
            {
                Tier.Vector128 => LaneKernels.Dot<Lanes128<T>, T>(in x[0], in y[0], length),
                Tier.Vector256 => LaneKernels.Dot<Lanes256<T>, T>(in x[0], in y[0], length),
                _ => LaneKernels.Dot<Lanes512<T>, T>(in x[0], in y[0], length),
            };

            T expected = LaneKernels.DotDefinition<T>(x.AsSpan(0, length), y.AsSpan(0, length));
            Assert.Equal(Numbers.Bits<T>([expected]), Numbers.Bits<T>([dot]));
        }
    }

    [Fact]
    public void The_definition_of_dot_adds_sixteen_lanes_in_a_tree_and_then_the_tail()
    {
        // Lane 0 contains 1 + 2⁻²⁴ (which rounds to 1), its neighbours the numbers that show the order of additions.
        float[] x = new float[35];
        float[] y = [.. Enumerable.Repeat(1f, 35)];
        x[0] = 1f;
        x[16] = MathF.ScaleB(1f, -24);
        x[8] = MathF.ScaleB(1f, -24);
        x[33] = MathF.ScaleB(1f, -24);
        x[34] = MathF.ScaleB(1f, -24);

        // Each small number alone vanishes beside 1; those of the tail are added to one another first.
        Assert.Equal(1f + MathF.ScaleB(1f, -23), LaneKernels.DotDefinition<float>(x, y));
        Assert.Equal(1f + MathF.ScaleB(1f, -23), Embeddings.Dot(x, y));
    }

    [Theory]
    [MemberData(nameof(TiersAndLengths))]
    public void Scored_rows_have_the_bits_of_single_dot_products(Tier tier, int length)
    {
        const int RowCount = 7;
        float[] query = [.. Numbers.Random<float>(length, 3), 0f];
        float[] rows = [.. Numbers.Random<float>(length * RowCount, 4), 0f];
        float[] scores = new float[RowCount];

        switch (tier)
        {
            case Tier.Vector128:
                LaneKernels.DotRows<Lanes128<float>, float>(in query[0], in rows[0], length, ref scores[0], RowCount);
                break;
            case Tier.Vector256:
                LaneKernels.DotRows<Lanes256<float>, float>(in query[0], in rows[0], length, ref scores[0], RowCount);
                break;
            default:
                LaneKernels.DotRows<Lanes512<float>, float>(in query[0], in rows[0], length, ref scores[0], RowCount);
                break;
        }

        for (int row = 0; row < RowCount; row++)
        {
            float expected = LaneKernels.DotDefinition<float>(
                query.AsSpan(0, length), rows.AsSpan(row * length, length));
            Assert.Equal(Numbers.Bits<float>([expected]), Numbers.Bits<float>([scores[row]]));
        }
    }

    [Theory]
    [MemberData(nameof(TiersAndLengths))]
    public void Elementwise_kernels_have_the_bits_of_their_definitions(Tier tier, int length)
    {
        const float Factor = 0.3f;
        float[] x = [.. Numbers.Random<float>(length, 5), 0f];
        float[] y = [.. Numbers.Random<float>(length, 6), 0f];
        float[] sum = [.. y];
        float[] product = [.. x];
        float[] quotient = [.. x];
        switch (tier)
        {
            case Tier.Vector128:
                LaneKernels.Axpy<Lanes128<float>, float>(Factor, in x[0], ref sum[0], length);
                LaneKernels.Scale<Lanes128<float>, float>(Factor, ref product[0], length);
                LaneKernels.DivideAndFlush<Lanes128<float>, float>(Factor, ref quotient[0], length);
                break;
            case Tier.Vector256:
                LaneKernels.Axpy<Lanes256<float>, float>(Factor, in x[0], ref sum[0], length);
                LaneKernels.Scale<Lanes256<float>, float>(Factor, ref product[0], length);
                LaneKernels.DivideAndFlush<Lanes256<float>, float>(Factor, ref quotient[0], length);
                break;
            default:
                LaneKernels.Axpy<Lanes512<float>, float>(Factor, in x[0], ref sum[0], length);
                LaneKernels.Scale<Lanes512<float>, float>(Factor, ref product[0], length);
                LaneKernels.DivideAndFlush<Lanes512<float>, float>(Factor, ref quotient[0], length);
                break;
        }

        for (int i = 0; i < length; i++)
        {
            float rounded = Factor * x[i];
            Assert.Equal(y[i] + rounded, sum[i]);
            Assert.Equal(rounded, product[i]);
            Assert.Equal(x[i] / Factor, quotient[i]);
        }
    }

    [Theory]
    [MemberData(nameof(TiersAndLengths))]
    public void Values_are_divided_by_values_on_every_tier(Tier tier, int length)
    {
        float[] x = [.. Numbers.Random<float>(length, 11), 0f];
        float[] y = [.. Numbers.Random<float>(length, 12), 0f];
        float[] quotients = [.. Enumerable.Repeat(7f, length + 1)];

        switch (tier)
        {
            case Tier.Vector128:
                LaneKernels.Divide<Lanes128<float>>(in x[0], in y[0], ref quotients[0], length);
                break;
            case Tier.Vector256:
                LaneKernels.Divide<Lanes256<float>>(in x[0], in y[0], ref quotients[0], length);
                break;
            default:
                LaneKernels.Divide<Lanes512<float>>(in x[0], in y[0], ref quotients[0], length);
                break;
        }

        Assert.Equal([.. Enumerable.Range(0, length).Select(i => x[i] / y[i]), 7f], quotients);
        Embeddings.Divide(x.AsSpan(0, length), y.AsSpan(0, length), quotients.AsSpan(0, length));
        Assert.Equal([.. Enumerable.Range(0, length).Select(i => x[i] / y[i]), 7f], quotients);
    }

    [Fact]
    public void The_entries_of_a_sparse_vector_are_added_one_after_another()
    {
        for (int length = 0; length <= 70; length++)
        {
            float[] values = Numbers.Random<float>(length, (ulong)length);
            int[] indices = [.. Enumerable.Range(0, length).Select(i => i * 7 % 40)];
            float[] expected = Numbers.Random<float>(40, 13);
            float[] sums = [.. expected];
            for (int i = 0; i < length; i++)
            {
                expected[indices[i]] += 0.3f * values[i];
            }

            Embeddings.AxpySparse(0.3f, indices, values, sums);

            Assert.Equal(Numbers.Bits<float>(expected), Numbers.Bits<float>(sums));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(31)]
    [InlineData(32)]
    public void A_sparse_vector_with_an_index_outside_is_refused_and_adds_nothing(int place)
    {
        foreach (int wrong in (int[])[-1, 40, int.MinValue, int.MaxValue])
        {
            int[] indices = [.. Enumerable.Range(0, 33)];
            indices[place] = wrong;
            float[] sums = new float[40];

            Assert.Equal((long)wrong, Assert.Throws<ArgumentOutOfRangeException>(() => Embeddings.AxpySparse(1, indices, new float[33], sums)).ActualValue);
            Assert.All(sums, sum => Assert.Equal(0, sum));
        }
    }

    [Fact]
    public void A_row_is_added_to_a_sum()
    {
        float[] into = [111.5f, 222f];

        Embeddings.SumInto([1f, 2f], into);

        Assert.Equal([112.5f, 224f], into);
    }

    [Fact]
    public void A_normalised_embedding_has_norm_one_and_a_zero_one_is_unchanged()
    {
        float[] x = [3, 0, 4];
        Assert.Equal(5f, Embeddings.Normalise(x));
        Assert.Equal(1f, Embeddings.Norm(x), tolerance: 1e-6f);

        float[] zero = [0, 0, 0];
        Assert.Equal(0f, Embeddings.Normalise(zero));
        Assert.Equal([0f, 0f, 0f], zero);
    }

    [Fact]
    public void Tiny_values_become_zero_and_others_are_unchanged()
    {
        float least = MathF.ScaleB(1f, -63);
        float[] x =
        [
            .. Enumerable.Repeat(float.Epsilon, 16), least, -least, MathF.BitDecrement(least), -1e-30f, 0f, 1f, float.NaN,
        ];

        Embeddings.FlushTiny(x);

        Assert.Equal([.. new float[16], least, -least, 0f, 0f, 0f, 1f, float.NaN], x);
        Assert.True(float.IsNormal(least * least));
    }

    [Fact]
    public void Lengths_that_do_not_fit_are_refused_by_name()
    {
        Assert.Equal("y", Assert.Throws<ArgumentException>(() => Embeddings.Dot(new float[3], new float[4])).ParamName);
        Assert.Equal("y", Assert.Throws<ArgumentException>(() => Embeddings.Dot(new double[3], new double[4])).ParamName);
        Assert.Equal("y", Assert.Throws<ArgumentException>(() => Embeddings.Axpy(1f, new float[3], new float[2])).ParamName);
        Assert.Throws<ArgumentException>(() => Embeddings.Axpy(1.0, new double[3], new double[2]));
        Assert.Throws<ArgumentException>(() => Embeddings.SumInto(new float[3], new float[2]));
        Assert.Equal("values", Assert.Throws<ArgumentException>(() => Embeddings.AxpySparse(1f, new int[3], new float[2], new float[4])).ParamName);
        Assert.Equal("y", Assert.Throws<ArgumentException>(() => Embeddings.Divide(new float[3], new float[2], new float[3])).ParamName);
        Assert.Equal("quotients", Assert.Throws<ArgumentException>(() => Embeddings.Divide(new float[3], new float[3], new float[2])).ParamName);
        Assert.Equal(
            "rows",
            Assert.Throws<ArgumentException>(() => Embeddings.DotRows(new float[4], new float[7], new float[2])).ParamName);
    }
}
