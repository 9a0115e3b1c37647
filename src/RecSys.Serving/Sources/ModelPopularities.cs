using System.Runtime.CompilerServices;
using RecSys.Core.Models;
using RecSys.Numerics;

namespace RecSys.Serving.Sources;

/// <summary>Computes the <see cref="ModelPopularity"/> of each model once, and keeps it as long as the model is in use. Safe for concurrent use.</summary>
internal sealed class ModelPopularities
{
    private readonly ConditionalWeakTable<ModelSnapshot, ModelPopularity> _popularities = [];

    public ModelPopularity Of(ModelSnapshot model) => _popularities.GetValue(model, static model => new ModelPopularity(model));
}

/// <summary>The most popular items of a model, and the scale of the popularity feature.</summary>
internal sealed class ModelPopularity
{
    /// <summary>The largest number of items that <see cref="Popular"/> has.</summary>
    public const int PopularMax = 4_096;

    private readonly int[] _popular;

    public ModelPopularity(ModelSnapshot model)
    {
        int count = Math.Min(PopularMax, model.ItemCount);
        float[] scores = new float[count];
        _popular = new int[count];
        Count = TopK.Select(model.Popularity, scores, _popular, float.Epsilon);
        float most = Count > 0 ? scores[0] : 0;
        Unit = Math.Max(most, model.Card.UserCount);
        Factor = Unit > 0 ? 1 / Unit : 0;
    }

    private int Count { get; }

    /// <summary>Gets the indices of the most popular items in the model, most popular first.</summary>
    public ReadOnlySpan<int> Popular => _popular.AsSpan(0, Count);

    /// <summary>Gets the total weight whose popularity feature is 1: the number of the model's users, or the weight of the most popular item if that is more.</summary>
    public float Unit { get; }

    /// <summary>Gets 1 / <see cref="Unit"/>; 0 if the unit is 0.</summary>
    public float Factor { get; }
}
