using System.Runtime.CompilerServices;
using RecSys.Core.Models;
using RecSys.Numerics;

namespace RecSys.Serving.Pipeline;

/// <summary>The match of candidates with the newest liked items of the history: the cosine of a candidate's embedding and the weighted sum of the unit embeddings of these items. The arrays are reused by later requests.</summary>
/// <remarks>The newest item weighs 1, and each other one <see cref="RankFactor"/> times the next newer one, whatever their age. In contrast, the match with the whole history does not depend on the order of the items, and the features of recent items fade within days.
/// Estimated embeddings do not count: they are averages of others, and lie near all of them.</remarks>
internal sealed class NewestMatch
{
    /// <summary>The largest number of liked items that are considered.</summary>
    public const int ItemsMax = 30;

    /// <summary>The weight of an item divided by that of the next newer one.</summary>
    private const float RankFactor = 0.9f;

    // By the index of an item: 1 / norm of its embedding, 0 if that was not learned from interactions or is zero.
    private static readonly ConditionalWeakTable<ModelSnapshot, float[]> InverseNorms = [];

    private readonly int[] _places = new int[ItemsMax];
    private readonly int[] _indices = new int[ItemsMax];
    private readonly float[] _factors = new float[ItemsMax];
    private float[] _sum = [];
    private float[] _inverseNorms = [];
    private float _inverseNorm;

    /// <summary>Gets the number of liked items that were read.</summary>
    public int Count { get; private set; }

    /// <summary>Removes all data of the request.</summary>
    public void Clear()
    {
        Array.Clear(_places);
        Array.Clear(_indices);
        Array.Clear(_factors);
        Array.Clear(_sum);
        (Count, _inverseNorm, _inverseNorms) = (0, 0, []);
    }

    /// <summary>Reads the newest liked items of the history of a run that have learned embeddings.</summary>
    public void Read(SlateRun run)
    {
        Clear();
        if (run.Model is not { Dimension: > 0 } model)
        {
            return;
        }

        if (_sum.Length != model.Dimension)
        {
            _sum = new float[model.Dimension];
        }

        _inverseNorms = InverseNorms.GetValue(model, InverseNormsOf);
        float weight = 1;
        for (int at = 0; at < run.HistoryCount && Count < ItemsMax; at++)
        {
            ref readonly HistoryItem item = ref run.Scratch.History[at];
            float inverseNorm = item.Weight > 0 && item.Index >= 0 && !_indices.AsSpan(0, Count).Contains(item.Index) ? _inverseNorms[item.Index] : 0;
            if (inverseNorm > 0)
            {
                (_places[Count], _indices[Count], _factors[Count]) = (at, item.Index, weight * inverseNorm);
                Embeddings.Axpy(_factors[Count], model.FactorsOf(item.Index), _sum);
                Count++;
                weight *= RankFactor;
            }
        }

        float norm = Embeddings.Norm(_sum);
        _inverseNorm = norm > 0 ? 1 / norm : 0;
    }

    /// <summary>Returns the match of an item, -1 to 1; 0 if its embedding or those of the history were not learned from interactions.</summary>
    public float Of(ModelSnapshot model, int index)
    {
        float inverseNorm = Count > 0 && index >= 0 ? _inverseNorm * _inverseNorms[index] : 0;
        return inverseNorm > 0 ? Embeddings.Dot(_sum, model.FactorsOf(index)) * inverseNorm : 0;
    }

    /// <summary>Returns the part of <see cref="Of"/> that comes from one of the liked items.</summary>
    /// <param name="model">The model.</param>
    /// <param name="number">The number of the liked item, 0 for the newest.</param>
    /// <param name="index">The index of the matched item in the model; negative if it is not in the model.</param>
    public float PartOf(ModelSnapshot model, int number, int index) => index < 0 ? 0
        : _factors[number] * Embeddings.Dot(model.FactorsOf(_indices[number]), model.FactorsOf(index)) * _inverseNorm * _inverseNorms[index];

    /// <summary>Returns the place of a liked item in the history.</summary>
    public int PlaceOf(int number) => _places[number];

    private static float[] InverseNormsOf(ModelSnapshot model)
    {
        float[] inverse = new float[model.ItemCount];
        for (int index = 0; index < inverse.Length; index++)
        {
            float norm = model.HasEmbedding(index) ? Embeddings.Norm(model.FactorsOf(index)) : 0;
            inverse[index] = norm > 0 ? 1 / norm : 0;
        }

        return inverse;
    }
}
