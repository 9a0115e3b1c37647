using RecSys.Core.Log;
using RecSys.Numerics;

namespace RecSys.Core.Models;

/// <summary>Encodes an item's content as a dense vector of norm 1: the dot product of two vectors approximates the cosine similarity of the items' weighted tokens.</summary>
/// <remarks>
/// A token's weight is √(its weight in the content) · its inverse document frequency. The weight is added, with signs, to four components that the
/// token's hash selects: a sparse random projection (Achlioptas, Database-friendly Random Projections, 2003). Tokens that the model does not have are ignored. Safe for concurrent use.
/// </remarks>
public sealed class ContentEncoder
{
    private const int Places = 4;

    private readonly Dictionary<ulong, float> _idf;

    /// <summary>Creates an encoder with a model's tokens, for items that were added after its training.</summary>
    public ContentEncoder(ModelSnapshot model)
        : this(RequireModel(model).ContentDimension, model.ContentTokens, model.ContentIdf)
    {
    }

    /// <summary>Creates an encoder from tokens and their inverse document frequencies.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public ContentEncoder(int dimension, ReadOnlySpan<ulong> tokens, ReadOnlySpan<float> idf)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(dimension);
        if (tokens.Length != idf.Length)
        {
            throw new ArgumentException($"there are {tokens.Length} tokens and {idf.Length} frequencies; the numbers must be equal", nameof(idf));
        }

        Dimension = dimension;
        _idf = new Dictionary<ulong, float>(tokens.Length);
        for (int i = 0; i < tokens.Length; i++)
        {
            _idf[tokens[i]] = idf[i];
        }
    }

    /// <summary>Gets the length of a vector; 0 if the model has no content.</summary>
    public int Dimension { get; }

    /// <summary>Returns the weight of a token in an item before normalization; 0 for a token that the model does not have.</summary>
    public float WeightOf(ulong token, float weight) => MathF.Sqrt(weight) * _idf.GetValueOrDefault(token);

    /// <summary>Writes the vector of an item's content.</summary>
    /// <param name="content">Content of the item.</param>
    /// <param name="vector">Receives <see cref="Dimension"/> values.</param>
    /// <returns>False if no token is known; the vector is then zero.</returns>
    /// <exception cref="ArgumentException">The vector has another length.</exception>
    public bool Encode(ItemContent content, Span<float> vector)
    {
        Dictionary<ulong, float> tokens = [];
        ContentTokens.Read(content, tokens);
        return Encode(tokens, vector);
    }

    /// <summary>Writes the vector of tokens with their weights, as <see cref="ContentTokens"/> returns them.</summary>
    /// <returns>False if no token is known; the vector is then zero.</returns>
    /// <exception cref="ArgumentException">The vector has another length.</exception>
    public bool Encode(Dictionary<ulong, float> tokens, Span<float> vector)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        if (vector.Length != Dimension)
        {
            throw new ArgumentException($"there is room for {vector.Length} values; a vector has {Dimension}", nameof(vector));
        }

        vector.Clear();
        if (Dimension == 0)
        {
            return false;
        }

        // The tokens are added in the order of their hashes, so that the sums do not depend on the dictionary's order.
        foreach (ulong token in tokens.Keys.Order())
        {
            float weight = WeightOf(token, tokens[token]);
            SeededRandom places = new(token);
            for (int i = 0; i < Places && weight > 0; i++)
            {
                ulong bits = places.NextUInt64();
                vector[(int)((bits >> 1) % (ulong)Dimension)] += (bits & 1) == 0 ? weight : -weight;
            }
        }

        return Embeddings.Normalise(vector) > 0;
    }

    private static ModelSnapshot RequireModel(ModelSnapshot model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model;
    }
}
