using RecSys.Core;
using RecSys.Core.Models;

namespace RecSys.Batch.Evaluation;

/// <summary>Gives the slates that the serving layer would make of a model, so that an evaluation judges them too.</summary>
public interface ISlateEvaluation
{
    /// <summary>Slates for the users of a split, who have done what the split trains on and nothing else.</summary>
    /// <param name="split">Whom they are judged by.</param>
    /// <param name="model">The model; the caller's, and open until the slates are disposed of.</param>
    IEvaluatedSlates Open(EvaluationSplit split, ModelSnapshot model);
}

/// <summary>A serving layer that makes the slates of one evaluation.</summary>
public interface IEvaluatedSlates : IAsyncDisposable
{
    /// <summary>Makes the slate of one user.</summary>
    /// <inheritdoc cref="Evaluator.SlateFunction"/>
    ValueTask<IReadOnlyList<ItemId>> SlateAsync(EvaluationUser user, int count, CancellationToken cancellationToken);
}
