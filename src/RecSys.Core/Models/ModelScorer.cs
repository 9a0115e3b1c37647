using System.Buffers;
using RecSys.Numerics;

namespace RecSys.Core.Models;

/// <summary>Scores items for a history by all parts of a model: embeddings and the linear operator, or popularity if there is no history.</summary>
/// <remarks>
/// score(item) = u·v + share · Σ w B[i, item] over the items i of the history: u is the folded-in user, v the item's embedding, w the weight of i, B the operator,
/// and share the card's parameter <see cref="OperatorShare"/>.
/// Safe for concurrent use while the snapshot is open; scratch memory is rented.
/// </remarks>
public sealed class ModelScorer
{
    /// <summary>The card's parameter for the weight of the operator relative to the embeddings.</summary>
    public const string OperatorShare = "operatorShare";

    private readonly ModelSnapshot _model;
    private readonly FoldIn _foldIn;
    private readonly float _operatorShare;

    /// <summary>Creates a scorer with a snapshot.</summary>
    public ModelScorer(ModelSnapshot model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        _foldIn = new FoldIn(model);
        _operatorShare = model.HasOperator ? (float)model.Card.Parameters.GetValueOrDefault(OperatorShare, 1) : 0;
    }

    /// <summary>Writes the score of every item of the model.</summary>
    /// <param name="items">Distinct item indices of the history, ascending.</param>
    /// <param name="weights">One weight per item, above 0.</param>
    /// <param name="scores">Receives one score per item of the model; higher is better.</param>
    /// <exception cref="ArgumentException"><paramref name="scores"/> has another length than the model has items; or, in a model with embeddings, see <see cref="FoldIn.Embed"/>.</exception>
    /// <exception cref="IndexOutOfRangeException">The model has embeddings or an operator, and an index is not one of the model.</exception>
    public void ScoreAll(ReadOnlySpan<int> items, ReadOnlySpan<float> weights, Span<float> scores)
    {
        if (scores.Length != _model.ItemCount)
        {
            throw new ArgumentException($"there is room for {scores.Length} scores; the model has {_model.ItemCount} items", nameof(scores));
        }

        bool isScored = false;
        scores.Clear();
        if (_model.Dimension > 0)
        {
            float[] rented = ArrayPool<float>.Shared.Rent(_model.Dimension);
            Span<float> user = rented.AsSpan(0, _model.Dimension);
            if (_foldIn.Embed(items, weights, user) > 0)
            {
                Embeddings.DotRows(user, _model.AllFactors, scores);
                isScored = true;
            }

            ArrayPool<float>.Shared.Return(rented);
        }

        if (_operatorShare > 0 && !items.IsEmpty)
        {
            isScored = true;
            AddOperator(items, weights, scores);
        }

        if (!isScored)
        {
            _model.Popularity.CopyTo(scores);
        }
    }

    /// <summary>Adds the operator's scores for a history to the scores of all items.</summary>
    private void AddOperator(ReadOnlySpan<int> items, ReadOnlySpan<float> weights, Span<float> scores)
    {
        float share = _operatorShare;
        NeighbourRows rows = _model.Operator;
        for (int i = 0; i < items.Length; i++)
        {
            Neighbours row = rows[items[i]];
            Embeddings.AxpySparse(weights[i] * share, row.Indices, row.Scores, scores);
        }
    }
}
