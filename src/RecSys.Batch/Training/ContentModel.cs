using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Models;
using RecSys.Numerics;

namespace RecSys.Batch.Training;

/// <summary>The content of items as vectors, and the neighbours of items by content, from which the embeddings of items without interactions are estimated.</summary>
/// <remarks>A token counts only if at least two items have it. Its inverse document frequency is ln(1 + number of items / number of items with the token).</remarks>
public sealed class ContentModel
{
    /// <summary>The largest number of tokens that are kept: those that most items have.</summary>
    public const int TokensMax = 1_000_000;

    /// <summary>The largest number of items of a token that the search for neighbours uses. A token of more items, such as a broad category of a large catalogue, is ignored, because the time of the search grows with the square of this number.</summary>
    public const int NeighbourDocumentsMax = 4_096;

    /// <summary>The largest number of neighbours from which an embedding is estimated.</summary>
    private const int EstimateNeighbours = 20;

    /// <summary>The sum of similarities at which shrinkage halves an estimate.</summary>
    private const float EstimateShrinkage = 1;

    private readonly ContentEncoder _encoder;

    private ContentModel(ContentEncoder encoder, ulong[] tokens, float[] idf, float[] vectors, SparseRows neighbours)
    {
        _encoder = encoder;
        Tokens = tokens;
        Idf = idf;
        Vectors = vectors;
        Neighbours = neighbours;
    }

    /// <summary>Gets the length of a content vector.</summary>
    public int Dimension => _encoder.Dimension;

    /// <summary>Gets the hashes of the tokens, ascending.</summary>
    public ulong[] Tokens { get; }

    /// <summary>Gets one inverse document frequency per token.</summary>
    public float[] Idf { get; }

    /// <summary>Gets the content vectors, one row of <see cref="Dimension"/> values per item.</summary>
    public float[] Vectors { get; }

    /// <summary>Gets the neighbours of each item by content, most similar first. A score is the cosine of the weighted tokens, above 0 to 1.</summary>
    public SparseRows Neighbours { get; }

    /// <summary>Learns from the content of each item.</summary>
    /// <param name="items">The items, by index.</param>
    /// <param name="contentOf">Returns the content of an item, or null.</param>
    /// <param name="options">The options with the length of a vector and the number of neighbours.</param>
    /// <param name="threads">The number and niceness of threads.</param>
    /// <param name="cancellationToken">Cancels the learning.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static ContentModel Learn(
        IReadOnlyList<ItemId> items,
        Func<ItemId, ItemContent?> contentOf,
        ModelOptions options,
        WorkerThreads threads,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(contentOf);
        ArgumentNullException.ThrowIfNull(options);
        Dictionary<ulong, float>[] contents = new Dictionary<ulong, float>[items.Count];
        Dictionary<ulong, int> documents = [];
        for (int item = 0; item < items.Count; item++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            contents[item] = [];
            if (contentOf(items[item]) is { } content)
            {
                ContentTokens.Read(content, contents[item]);
                foreach (ulong token in contents[item].Keys)
                {
                    documents[token] = documents.GetValueOrDefault(token) + 1;
                }
            }
        }

        ulong[] tokens = [.. documents
            .Where(pair => pair.Value > 1)
            .OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key)
            .Take(TokensMax)
            .Select(pair => pair.Key)
            .Order()];
        float[] idf = [.. tokens.Select(token => (float)NormalEquations.Logarithm(1 + (items.Count / (double)documents[token])))];
        ContentEncoder encoder = new(options.ContentDimension, tokens, idf);
        float[] vectors = new float[(long)items.Count * options.ContentDimension];
        ParallelBlocks.Run(
            items.Count,
            blockRows: 256,
            threads,
            block =>
            {
                for (int item = block.Start; item < block.End; item++)
                {
                    encoder.Encode(contents[item], vectors.AsSpan(item * encoder.Dimension, encoder.Dimension));
                }
            },
            progress: null,
            cancellationToken);
        SparseRows neighbours = options.ContentNeighbours == 0 || items.Count == 0
            ? SparseRows.None
            : NeighboursOf(contents, documents, tokens, encoder, options.ContentNeighbours, threads, cancellationToken);
        return new ContentModel(encoder, tokens, idf, vectors, neighbours);
    }

    /// <summary>Estimates the embeddings of items without interactions: Σ similarity · embedding of the neighbour / (Σ similarity + 1). The 1 shrinks the estimate if the neighbours are few or dissimilar.</summary>
    /// <param name="dimension">The length of an embedding.</param>
    /// <param name="factors">The embeddings of all items, row after row; the rows of items without interactions contain zeros and receive the estimates.</param>
    /// <param name="origins">The origin of each embedding; receives <see cref="EmbeddingOrigin.Estimated"/> for each estimate.</param>
    public void Estimate(int dimension, float[] factors, EmbeddingOrigin[] origins)
    {
        ArgumentNullException.ThrowIfNull(factors);
        ArgumentNullException.ThrowIfNull(origins);
        for (int item = 0; item < origins.Length && Neighbours.Starts.Length > 0; item++)
        {
            if (origins[item] != EmbeddingOrigin.None)
            {
                continue;
            }

            Span<float> row = factors.AsSpan(item * dimension, dimension);
            float sum = 0;
            int used = 0;
            for (int entry = Neighbours.Starts[item]; entry < Neighbours.Starts[item + 1] && used < EstimateNeighbours; entry++)
            {
                int neighbour = Neighbours.Indices[entry];
                if (origins[neighbour] == EmbeddingOrigin.Trained)
                {
                    Embeddings.Axpy(Neighbours.Scores[entry], factors.AsSpan(neighbour * dimension, dimension), row);
                    sum += Neighbours.Scores[entry];
                    used++;
                }
            }

            if (used > 0)
            {
                Embeddings.Scale(1 / (sum + EstimateShrinkage), row);
                origins[item] = EmbeddingOrigin.Estimated;
            }
        }
    }

    private static SparseRows NeighboursOf(
        Dictionary<ulong, float>[] contents,
        Dictionary<ulong, int> documents,
        ulong[] tokens,
        ContentEncoder encoder,
        int count,
        WorkerThreads threads,
        CancellationToken cancellationToken)
    {
        int[] starts = new int[contents.Length + 1];
        List<int> columns = [];
        List<float> values = [];
        for (int item = 0; item < contents.Length; item++)
        {
            int start = columns.Count;
            double square = 0;
            foreach (ulong token in contents[item].Keys.Order())
            {
                float weight = encoder.WeightOf(token, contents[item][token]);
                square += weight * weight;
                int column = Array.BinarySearch(tokens, token);
                if (column >= 0 && documents[token] <= NeighbourDocumentsMax)
                {
                    columns.Add(column);
                    values.Add(weight);
                }
            }

            float scale = square > 0 ? (float)(1 / Math.Sqrt(square)) : 0;
            for (int entry = start; entry < columns.Count; entry++)
            {
                values[entry] *= scale;
            }

            starts[item + 1] = columns.Count;
        }

        CsrMatrix matrix = new(tokens.Length, starts, [.. columns], [.. values]);
        CsrMatrix top = SparseProduct.TopPerRow(
            matrix,
            matrix.Transpose(),
            new SparseProductOptions { EntriesPerRow = count, Minimum = float.Epsilon },
            threads,
            progress: null,
            cancellationToken);
        return ItemSimilarity.BestFirst(top);
    }
}
