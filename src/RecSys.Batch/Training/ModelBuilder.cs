using System.Collections.Immutable;
using RecSys.Core;
using RecSys.Core.Jobs;
using RecSys.Core.Log;
using RecSys.Core.Models;
using RecSys.Numerics;

namespace RecSys.Batch.Training;

/// <summary>Trains all parts of a model from a training set and a catalogue. The result is deterministic for a seed; no clock and no I/O is used.</summary>
public sealed class ModelBuilder
{
    /// <summary>The name of the algorithm in the cards of these models.</summary>
    public const string Algorithm = "ials";

    /// <summary>The approximate number of users from whose scores the scale of the operator is computed.</summary>
    private const int ScaleUsers = 256;

    // The progress, 0 to 1, at the end of each step.
    private const double FactorsEnd = 0.6;
    private const double OperatorEnd = 0.8;
    private const double SimilarEnd = 0.9;

    private readonly ModelOptions _options;
    private readonly WorkerThreads _threads;

    /// <summary>Creates a builder.</summary>
    /// <param name="options">The options of the model.</param>
    /// <param name="threads">The number and niceness of threads.</param>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public ModelBuilder(ModelOptions options, WorkerThreads threads)
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

    /// <summary>Trains a model.</summary>
    /// <param name="set">The weights of (user, item) pairs.</param>
    /// <param name="contentOf">Returns the content of an item, or null. If the function itself is null, the model has no content and no similar items.</param>
    /// <param name="warm">The embeddings from which the training starts; null: it starts from random ones.</param>
    /// <param name="progress">Called with the progress, 0 to 1; null if not needed.</param>
    /// <param name="cancellationToken">Cancels the training.</param>
    /// <returns>The content of the model. Its card has the algorithm, seed, counts, parameters, parent and lineage.</returns>
    /// <exception cref="ArgumentException">There are more items than the options allow.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public ModelContent Build(
        TrainingSet set,
        Func<ItemId, ItemContent?>? contentOf,
        WarmStart? warm = null,
        Action<JobProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(set);
        if (set.Items.Count > _options.ItemsMax)
        {
            throw new ArgumentException(
                $"the log has {set.Items.Count} items; at most {_options.ItemsMax} are allowed ({nameof(ModelOptions.ItemsMax)})", nameof(set));
        }

        IalsModel ials = new IalsTrainer(_options, _threads)
            .Train(set, warm, part => progress?.Invoke(part.Within(0, FactorsEnd)), cancellationToken);

        progress?.Invoke(new JobProgress("item-item operator", FactorsEnd));
        SparseRows linear = _options.OperatorShare > 0 ? LinearOperator.Learn(set, _options, _threads, cancellationToken) : SparseRows.None;
        linear = Scaled(linear, set, ials);

        ModelContent model = new()
        {
            Card = CardOf(set, ials.IsWarm ? warm?.Model.Card : null),
            Items = set.Items,
            Origins = [.. set.ItemDegrees().Select(degree => degree > 0 ? EmbeddingOrigin.Trained : EmbeddingOrigin.None)],
            Dimension = _options.Dimension,
            Factors = ials.Factors,
            FoldIn = ials.FoldIn,
            Popularity = PopularityOf(set),
            Operator = linear,
        };
        if (contentOf is not null)
        {
            model = WithItemSide(model, set, contentOf, progress, cancellationToken);
        }

        progress?.Invoke(new JobProgress("done", 1));
        return model;
    }

    /// <summary>Returns a model with similar items and content. The estimated embeddings of items without interactions are written into the arrays of the given model.</summary>
    public ModelContent WithItemSide(
        ModelContent model,
        TrainingSet set,
        Func<ItemId, ItemContent?> contentOf,
        Action<JobProgress>? progress,
        CancellationToken cancellationToken)
    {
        progress?.Invoke(new JobProgress("similar items", OperatorEnd));
        SparseRows similar = ItemSimilarity.Learn(
            set,
            _options.SimilarItems,
            _threads,
            done => progress?.Invoke(new JobProgress("similar items", OperatorEnd + (done * (SimilarEnd - OperatorEnd)))),
            cancellationToken);

        progress?.Invoke(new JobProgress("content", SimilarEnd));
        ContentModel content = ContentModel.Learn(set.Items, contentOf, _options, _threads, cancellationToken);
        content.Estimate(_options.Dimension, model.Factors, model.Origins);
        return model with
        {
            Similar = similar,
            ContentNeighbours = content.Neighbours,
            ContentDimension = content.Dimension,
            ContentVectors = content.Vectors,
            ContentTokens = content.Tokens,
            ContentIdf = content.Idf,
        };
    }

    private static float[] PopularityOf(TrainingSet set)
    {
        double[] sums = new double[set.Items.Count];
        set.Weights.ColumnSums(sums);
        return [.. sums.Select(sum => (float)sum)];
    }

    private static double Deviation(ReadOnlySpan<float> values)
    {
        double sum = 0;
        double squares = 0;
        foreach (float value in values)
        {
            sum += value;
            squares += (double)value * value;
        }

        double mean = sum / values.Length;
        return Math.Sqrt(Math.Max(0, (squares / values.Length) - (mean * mean)));
    }

    /// <summary>Scales the operator in place, so that its scores have on average the same standard deviation over the items as those of the embeddings, and returns it.</summary>
    private SparseRows Scaled(SparseRows linear, TrainingSet set, IalsModel ials)
    {
        if (linear.Starts.Length == 0)
        {
            return linear;
        }

        int d = _options.Dimension;
        float[] user = new float[d];
        float[] scores = new float[set.Items.Count];
        double byFactors = 0;
        double byOperator = 0;
        int step = Math.Max(1, set.Weights.RowCount / ScaleUsers);
        for (int row = 0; row < set.Weights.RowCount; row += step)
        {
            ReadOnlySpan<int> items = set.Weights.RowColumns(row);
            ReadOnlySpan<float> weights = set.Weights.RowValues(row);
            NormalEquations.Solve(ials.Factors, ials.FoldIn.Diagonal, ials.FoldIn.RidgeOf(items.Length), items, weights, user);
            Embeddings.DotRows(user, ials.Factors, scores);
            byFactors += Deviation(scores);

            scores.AsSpan().Clear();
            for (int i = 0; i < items.Length; i++)
            {
                for (int entry = linear.Starts[items[i]]; entry < linear.Starts[items[i] + 1]; entry++)
                {
                    scores[linear.Indices[entry]] += weights[i] * linear.Scores[entry];
                }
            }

            byOperator += Deviation(scores);
        }

        float scale = byOperator > 0 ? (float)(byFactors / byOperator) : 0;
        Embeddings.Scale(scale, linear.Scores);
        return linear;
    }

    private ModelCard CardOf(TrainingSet set, ModelCard? parent) => new()
    {
        Algorithm = Algorithm,
        Parent = parent?.Version,
        Lineage = parent is null ? [] : [.. parent.Lineage.Prepend(parent.Version).Take(ModelCard.LineageMax)],
        Seed = _options.Seed,
        ItemCount = set.Items.Count,
        UserCount = Enumerable.Range(0, set.Weights.RowCount).Count(user => set.Weights.RowEntryCount(user) > 0),
        InteractionCount = set.Weights.EntryCount,
        Parameters = new Dictionary<string, double>
        {
            ["dimension"] = _options.Dimension,
            ["iterations"] = parent is null ? _options.Iterations : _options.WarmIterations,
            ["unobservedMass"] = _options.UnobservedMass,
            ["regularisation"] = _options.Regularisation,
            ["regularisationExponent"] = _options.RegularisationExponent,
            ["operatorRegularisation"] = _options.OperatorRegularisation,
            ["operatorUserExponent"] = _options.OperatorUserExponent,
            ["operatorItemExponent"] = _options.OperatorItemExponent,
            [ModelScorer.OperatorShare] = _options.OperatorShare,
        }.ToImmutableSortedDictionary(StringComparer.Ordinal),
    };
}
