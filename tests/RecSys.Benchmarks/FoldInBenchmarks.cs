using BenchmarkDotNet.Attributes;
using RecSys.Core.Models;
using RecSys.Numerics;

namespace RecSys.Benchmarks;

/// <summary>Measures fold-in of a history, compared with the d × d system, which has the same size for every length.</summary>
[MemoryDiagnoser]
public class FoldInBenchmarks
{
    private const int Dimension = 64;
    private const int Items = 2_000;
    private const double Ridge = 5;

    private readonly float[] _factors = new float[Items * Dimension];
    private readonly double[] _diagonal = new double[Dimension];
    private readonly float[] _user = new float[Dimension];
    private int[] _items = [];
    private float[] _weights = [];

    [Params(5, 20, 64, 512)]
    public int History { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        SeededRandom random = new(1);
        random.FillGaussian(_factors, 0.1f);
        _diagonal.AsSpan().Fill(Items * 0.003);
        _items = [.. Enumerable.Range(0, History).Select(i => i * (Items / History))];
        _weights = [.. Enumerable.Repeat(1f, History)];
    }

    [Benchmark(Baseline = true)]
    public void Dense() => NormalEquations.SolveDense(_factors, _diagonal, Ridge, _items, _weights, _user);

    [Benchmark]
    public void FoldIn() => NormalEquations.Solve(_factors, _diagonal, Ridge, _items, _weights, _user);
}
