using RecSys.Core.Jobs;
using RecSys.Core.Models;
using RecSys.Numerics;

namespace RecSys.Batch.Training;

/// <summary>Learns item embeddings from the weights of (user, item) pairs by implicit alternating least squares (iALS).</summary>
/// <remarks>
/// The trainer minimises Σ w (1 − u·v)² over the observed pairs + w̄ α Σ (u·v)² over all pairs + Σ w̄ λ (n + α m)^ν ‖row‖² over the rows u and v (Hu, Koren and Volinsky, ICDM 2008, with the
/// regularisation of Rendle et al., iALS++, 2021). For a row, n is the number of its observed pairs, and m the number of rows of the other side that have any. w̄ is the mean weight, and
/// α is the unobserved mass times the share of pairs that were observed, so that the same options suit another scale of weights and a larger
/// catalogue. <see cref="NormalEquations"/> solves the rows exactly, in parallel, with the same bits for any number of threads. Only item embeddings are kept; <see cref="FoldIn"/>
/// computes the last user half-step at a request.
/// </remarks>
public sealed class IalsTrainer
{
    private const int BlockRows = 64;

    private readonly ModelOptions _options;
    private readonly WorkerThreads _threads;

    /// <summary>Creates a trainer.</summary>
    /// <param name="options">The options of the model.</param>
    /// <param name="threads">The number and niceness of threads.</param>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public IalsTrainer(ModelOptions options, WorkerThreads threads)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(threads);
        if (options.Problem() is { } problem)
        {
            throw new ArgumentException(problem, nameof(options));
        }

        _options = options;
        _threads = threads;
    }

    /// <summary>Trains the embeddings.</summary>
    /// <param name="set">The weights of (user, item) pairs.</param>
    /// <param name="warm">The embeddings from which the training starts; null, or embeddings of another dimension: it starts from random ones.</param>
    /// <param name="progress">Called with the progress, 0 to 1; null if not needed.</param>
    /// <param name="cancellationToken">Cancels the training between blocks of rows.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public IalsModel Train(
        TrainingSet set, WarmStart? warm = null, Action<JobProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(set);
        CsrMatrix users = set.Weights;
        CsrMatrix items = set.ItemWeights;
        int d = _options.Dimension;
        int[] degrees = set.ItemDegrees();
        int touched = degrees.Count(degree => degree > 0);
        int active = Enumerable.Range(0, users.RowCount).Count(user => users.RowEntryCount(user) > 0);
        double meanWeight = MeanOf(users.Values);
        double alpha = touched == 0 ? 0 : _options.UnobservedMass * users.EntryCount / ((double)active * touched);
        double unobserved = alpha * meanWeight;
        FoldInBase userBase = new([], _options.Regularisation * meanWeight, alpha * touched, _options.RegularisationExponent);
        FoldInBase itemBase = userBase with { Offset = alpha * active };

        bool isWarm = warm is not null && warm.Model.Dimension == d;
        float[] itemFactors = Start(set, degrees, isWarm ? warm!.Model : null);
        float[] userFactors = new float[(long)users.RowCount * d];
        int iterations = isWarm ? _options.WarmIterations : _options.Iterations;
        double steps = 2.0 * iterations;
        double[] diagonal = new double[d];
        for (int step = 0; step < 2 * iterations; step++)
        {
            bool isUserStep = step % 2 == 0;
            string stage = $"pass {(step / 2) + 1} of {iterations}";
            double from = step / steps;
            Action<double>? report = progress is null ? null : done => progress(new JobProgress(stage, from + (done / steps)));
            if (isUserStep)
            {
                Diagonalise(itemFactors, unobserved, diagonal, cancellationToken);
                HalfStep(users, itemFactors, userBase with { Diagonal = diagonal }, userFactors, report, cancellationToken);
            }
            else
            {
                Diagonalise(userFactors, unobserved, diagonal, cancellationToken);
                HalfStep(items, userFactors, itemBase with { Diagonal = diagonal }, itemFactors, report, cancellationToken);
            }
        }

        Diagonalise(itemFactors, unobserved, diagonal, cancellationToken);
        return new IalsModel(itemFactors, userBase with { Diagonal = diagonal }, isWarm);
    }

    private static double MeanOf(ReadOnlySpan<float> weights)
    {
        double sum = 0;
        foreach (float weight in weights)
        {
            sum += weight;
        }

        return weights.IsEmpty ? 1 : sum / weights.Length;
    }

    /// <summary>Solves all rows of one side, with the other side fixed.</summary>
    private void HalfStep(
        CsrMatrix rows,
        float[] fixedFactors,
        FoldInBase solved,
        float[] factors,
        Action<double>? progress,
        CancellationToken cancellationToken)
    {
        int d = _options.Dimension;
        ParallelBlocks.Run(
            rows.RowCount,
            BlockRows,
            _threads,
            block =>
            {
                for (int row = block.Start; row < block.End; row++)
                {
                    NormalEquations.Solve(
                        fixedFactors,
                        solved.Diagonal,
                        solved.RidgeOf(rows.RowEntryCount(row)),
                        rows.RowColumns(row),
                        rows.RowValues(row),
                        factors.AsSpan(row * d, d));
                }
            },
            progress is null ? null : done => progress(done / (double)rows.RowCount),
            cancellationToken);
    }

    /// <summary>Rotates the rows into the basis in which their Gram matrix is diagonal, and writes the diagonal times a weight.</summary>
    private void Diagonalise(float[] factors, double weight, double[] diagonal, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        int d = diagonal.Length;
        double[] gram = new double[d * d];
        SymmetricMatrix.Gram(factors.AsSpan(), d, [], gram);
        double[] axes = new double[d * d];
        SymmetricEigen.Decompose(gram, diagonal, axes);
        for (int k = 0; k < d; k++)
        {
            diagonal[k] = Math.Max(0, diagonal[k] * weight);
        }

        ParallelBlocks.Run(
            factors.Length / d,
            BlockRows,
            _threads,
            () => new double[d],
            (block, wide) =>
            {
                for (int row = block.Start; row < block.End; row++)
                {
                    Span<float> values = factors.AsSpan(row * d, d);
                    for (int k = 0; k < d; k++)
                    {
                        wide[k] = values[k];
                    }

                    for (int k = 0; k < d; k++)
                    {
                        values[k] = (float)Embeddings.Dot(axes.AsSpan(k * d, d), wide);
                    }
                }
            },
            progress: null,
            cancellationToken);
        Embeddings.FlushTiny(factors);
    }

    private float[] Start(TrainingSet set, int[] degrees, ModelSnapshot? parent)
    {
        int d = _options.Dimension;
        float[] factors = new float[(long)set.Items.Count * d];
        float deviation = (float)(0.1 / Math.Sqrt(d));
        for (int item = 0; item < set.Items.Count; item++)
        {
            Span<float> row = factors.AsSpan(item * d, d);
            if (degrees[item] == 0)
            {
                continue;
            }

            if (parent is not null && parent.TryGetIndex(set.Items[item], out int index) && parent.HasEmbedding(index))
            {
                parent.FactorsOf(index).CopyTo(row);
            }
            else
            {
                SeededRandom random = new(_options.Seed, (ulong)item);
                random.FillGaussian(row, deviation);
            }
        }

        return factors;
    }
}

/// <summary>The result of <see cref="IalsTrainer"/>.</summary>
/// <param name="Factors">The item embeddings, row after row, in the eigenbasis of their Gram matrix; zeros for items without interactions.</param>
/// <param name="FoldIn">The part of the normal equations of a fold-in that is the same for all users.</param>
/// <param name="IsWarm">Whether the training started from the embeddings of an earlier model.</param>
public sealed record IalsModel(float[] Factors, FoldInBase FoldIn, bool IsWarm);
