using RecSys.Core.Models;

namespace RecSys.Batch.Evaluation;

/// <summary>Gives the slates that the serving layer would make of a model, so that an evaluation judges them too.</summary>
public interface ISlateEvaluation
{
    /// <summary>Slates for the users of a split, who have done what the split trains on and nothing else.</summary>
    /// <param name="split">Whom they are judged by.</param>
    /// <param name="model">The model; it must stay open while slates are asked for.</param>
    Evaluator.SlateFunction SlatesOf(EvaluationSplit split, ModelSnapshot model);
}
