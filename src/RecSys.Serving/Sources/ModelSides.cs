using System.Runtime.CompilerServices;
using RecSys.Core.Models;
using RecSys.Numerics;

namespace RecSys.Serving.Sources;

/// <summary>Values that are computed once per model and kept as long as the model is in use.</summary>
internal sealed class ModelSides
{
    private readonly ConditionalWeakTable<ModelSnapshot, ModelSide> _sides = [];

    public ModelSide Of(ModelSnapshot model) => _sides.GetValue(model, static model => new ModelSide(model));
}

/// <summary>Values computed from one model.</summary>
internal sealed class ModelSide
{
    /// <summary>The most popular items that are kept in order.</summary>
    public const int PopularMax = 4_096;

    private readonly int[] _popular;

    public ModelSide(ModelSnapshot model)
    {
        int count = Math.Min(PopularMax, model.ItemCount);
        float[] scores = new float[count];
        _popular = new int[count];
        Count = TopK.Select(model.Popularity, scores, _popular, float.Epsilon);
        float most = Count > 0 ? scores[0] : 0;
        PopularityMost = Math.Max(most, model.Card.UserCount);
        PopularityScale = PopularityMost > 0 ? 1 / PopularityMost : 0;
    }

    private int Count { get; }

    /// <summary>Gets the most popular items, best first.</summary>
    public ReadOnlySpan<int> Popular => _popular.AsSpan(0, Count);

    /// <summary>Gets the popularity that counts as 1: one per user, or that of the most popular item if it has more.</summary>
    public float PopularityMost { get; }

    /// <summary>Gets 1 / <see cref="PopularityMost"/>.</summary>
    public float PopularityScale { get; }
}
