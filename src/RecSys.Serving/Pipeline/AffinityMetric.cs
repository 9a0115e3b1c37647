using RecSys.Core.Models;
using RecSys.Numerics;

namespace RecSys.Serving.Pipeline;

/// <summary>The approximate metric by which the causes of affinity are found: the diagonal of the model's normal equations, and the weight of its operator. It is the same for all candidates of a request, so it is computed once.</summary>
internal sealed class AffinityMetric
{
    private readonly float[] _divisors = new float[NormalEquations.DimensionMax];
    private readonly float[] _scaled = new float[NormalEquations.DimensionMax];
    private bool _isComputed;
    private int _dimension;
    private float _operatorShare;

    /// <summary>Gets the weight of the model's operator; 0 if the model has none.</summary>
    public float OperatorShare => _operatorShare;

    /// <summary>Computes the metric of a request, unless it was computed since the last call of <see cref="Clear"/>.</summary>
    public void Require(SlateRun run)
    {
        if (_isComputed)
        {
            return;
        }

        ModelSnapshot model = run.Model!;
        _dimension = model.Dimension;
        if (model.FoldInBase is { } foldIn)
        {
            float ridge = (float)foldIn.RidgeOf(run.FoldCount);
            for (int k = 0; k < _dimension; k++)
            {
                _divisors[k] = (float)foldIn.Diagonal[k] + ridge;
            }
        }

        _operatorShare = model.HasOperator ? (float)model.Card.Parameters.GetValueOrDefault(ModelScorer.OperatorShare, 1) : 0;
        _isComputed = true;
    }

    /// <summary>Divides an embedding by the diagonal of the model's normal equations.</summary>
    /// <returns>The quotients, in a buffer that the next call overwrites; empty if the model has no embeddings.</returns>
    public ReadOnlySpan<float> Scale(ReadOnlySpan<float> embedding)
    {
        Span<float> scaled = _scaled.AsSpan(0, embedding.Length);
        Embeddings.Divide(embedding, _divisors.AsSpan(0, _dimension), scaled);
        return scaled;
    }

    /// <summary>Discards the metric, so that <see cref="Require"/> computes that of the next request.</summary>
    public void Clear() => _isComputed = false;
}
