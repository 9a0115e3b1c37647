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
        Assert.Equal(
            "rows",
            Assert.Throws<ArgumentException>(() => Embeddings.DotRows(new float[4], new float[7], new float[2])).ParamName);
    }
}
