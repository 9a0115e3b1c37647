using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace RecSys.Numerics.Tests;

/// <summary>
/// Tests that the same input gives the same bits on every instruction tier and number of threads, by a small
/// alternating least squares that runs through all kernels.
/// </summary>
public sealed class DeterminismTests
{
    // Recorded once. It changes only if a definition changes, and then the bytes of every stored model change too.
    private const string Recorded = "ECCC662893F99A76";

    public static TheoryData<string> Environments =>
    [
        "DOTNET_EnableHWIntrinsic=0",
        "DOTNET_EnableAVX2=0",
        "DOTNET_EnableAVX=0",
        "DOTNET_PreferredVectorBitWidth=128",
        "DOTNET_PreferredVectorBitWidth=512",
        "DOTNET_TieredCompilation=0",
        "DOTNET_TieredPGO=0",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void A_small_training_has_the_recorded_bits(int threads) =>
        Assert.Equal(Recorded, Train(new WorkerThreads { Count = threads }));

    [Theory]
    [MemberData(nameof(Environments))]
    [Trait("Category", "Slow")]
    public async Task Every_test_of_a_kernel_passes_on_another_tier(string environment)
    {
        string[] setting = environment.Split('=');
        ProcessStartInfo start = new(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { [setting[0]] = setting[1] },
        };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet")
        {
            start.ArgumentList.Add(typeof(DeterminismTests).Assembly.Location);
        }

        start.ArgumentList.Add("--filter-not-trait");
        start.ArgumentList.Add("Category=Slow");
        using Process child = Process.Start(start)!;
        Task<string> errors = child.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(child.ExitCode == 0, $"{environment}: exit code {child.ExitCode}\n{output}\n{await errors}");
    }

    /// <summary>Two rounds of implicit alternating least squares (Hu, Koren and Volinsky 2008), and the steps after them.</summary>
    private static string Train(WorkerThreads threads)
    {
        const int UserCount = 300;
        const int ItemCount = 90;
        const int Dimension = 24;
        SeededRandom random = new(42);
        CsrMatrixBuilder builder = new(UserCount, ItemCount);
        for (int i = 0; i < 5000; i++)
        {
            int item = Math.Min(random.NextInt(ItemCount), random.NextInt(ItemCount));
            builder.Add(random.NextInt(UserCount), item, 1f + random.NextSingle());
        }

        CsrMatrix users = builder.Build();
        CsrMatrix items = users.Transpose();
        float[] userFactors = new float[UserCount * Dimension];
        float[] itemFactors = new float[ItemCount * Dimension];
        random.FillGaussian(itemFactors, 0.1f);
        for (int round = 0; round < 2; round++)
        {
            HalfStep(users, itemFactors, userFactors, Dimension, threads);
            HalfStep(items, userFactors, itemFactors, Dimension, threads);
        }

        CsrMatrix similar = SparseProduct.TopPerRow(
            items, users, new SparseProductOptions { EntriesPerRow = 10, BlockRows = 7 }, threads);
        float[] scores = new float[ItemCount];
        float[] topScores = new float[20];
        int[] topItems = new int[20];
        Fingerprint fingerprint = new();
        for (int user = 0; user < UserCount; user++)
        {
            Embeddings.DotRows(userFactors.AsSpan(user * Dimension, Dimension), itemFactors, scores);
            TopK.Select(scores, topScores, topItems);
            fingerprint.Add(topScores);
            fingerprint.Add(topItems);
        }

        double[] gram = new double[Dimension * Dimension];
        double[] inverse = new double[Dimension * Dimension];
        SymmetricMatrix.Gram(itemFactors, Dimension, [], gram);
        SymmetricMatrix.AddToDiagonal(gram, Dimension, 0.5);
        Assert.True(Cholesky.TryFactor(gram, Dimension));
        Cholesky.Invert(gram, Dimension, inverse);
        for (int item = 0; item < ItemCount; item++)
        {
            Embeddings.Normalise(itemFactors.AsSpan(item * Dimension, Dimension));
        }

        fingerprint.Add(userFactors);
        fingerprint.Add(itemFactors);
        fingerprint.Add(inverse);
        fingerprint.Add(similar.Columns);
        fingerprint.Add(similar.Values);
        return fingerprint.ToString();
    }

    private static void HalfStep(
        CsrMatrix interactions, float[] fixedFactors, float[] factors, int dimension, WorkerThreads threads)
    {
        float[] gram = new float[dimension * dimension];
        SymmetricMatrix.Gram(
            fixedFactors, dimension, ReadOnlyMemory<float>.Empty, gram, threads, TestContext.Current.CancellationToken);
        SymmetricMatrix.AddToDiagonal(gram, dimension, 0.1f);
        ParallelBlocks.Run(
            interactions.RowCount,
            blockRows: 16,
            threads,
            () => new float[dimension * dimension],
            (block, system) =>
            {
                for (int row = block.Start; row < block.End; row++)
                {
                    gram.CopyTo(system.AsSpan());
                    ReadOnlySpan<int> columns = interactions.RowColumns(row);
                    ReadOnlySpan<float> weights = interactions.RowValues(row);
                    Span<float> x = factors.AsSpan(row * dimension, dimension);
                    x.Clear();
                    SymmetricMatrix.AddOuters(fixedFactors, dimension, columns, weights, system);
                    for (int entry = 0; entry < columns.Length; entry++)
                    {
                        Embeddings.Axpy(weights[entry], fixedFactors.AsSpan(columns[entry] * dimension, dimension), x);
                    }

                    Assert.True(Cholesky.TryFactor(system, dimension));
                    Cholesky.Solve(system, x);
                }
            },
            progress: null,
            TestContext.Current.CancellationToken);
    }

    // FNV-1a over the bits.
    private sealed class Fingerprint
    {
        private ulong _hash = 0xCBF2_9CE4_8422_2325;

        public void Add(ReadOnlySpan<float> values)
        {
            foreach (float value in values)
            {
                Add((ulong)BitConverter.SingleToUInt32Bits(value));
            }
        }

        public void Add(ReadOnlySpan<double> values)
        {
            foreach (double value in values)
            {
                Add(BitConverter.DoubleToUInt64Bits(value));
            }
        }

        public void Add(ReadOnlySpan<int> values)
        {
            foreach (int value in values)
            {
                Add((ulong)value);
            }
        }

        public override string ToString() => _hash.ToString("X16", CultureInfo.InvariantCulture);

        private void Add(ulong bits)
        {
            for (int shift = 0; shift < 64; shift += 8)
            {
                _hash = (_hash ^ ((bits >> shift) & 0xFF)) * 0x0000_0100_0000_01B3;
            }
        }
    }
}
