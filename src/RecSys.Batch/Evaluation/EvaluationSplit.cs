using RecSys.Batch.Training;

namespace RecSys.Batch.Evaluation;

/// <summary>Interactions split in two: those from which models learn, and those on which models are evaluated.</summary>
/// <param name="Protocol">The description of the way in which interactions are split; shown beside every figure.</param>
/// <param name="Train">The interactions from which models learn.</param>
/// <param name="Users">The users to evaluate on: those with relevant items.</param>
public sealed record EvaluationSplit(string Protocol, TrainingSet Train, IReadOnlyList<EvaluationUser> Users);

/// <summary>A user to evaluate on.</summary>
/// <param name="Row">The user's row in the training set.</param>
/// <param name="Relevant">The indices of the relevant items, ascending; none of them is in the history.</param>
public sealed record EvaluationUser(int Row, int[] Relevant)
{
    /// <summary>Gets the history to fold in for a user without interactions in the training set; null: the history is the row of the training set.</summary>
    public FoldedHistory? History { get; init; }
}

/// <summary>A history from which models have not learned.</summary>
/// <param name="Items">The indices of the items, ascending.</param>
/// <param name="Weights">One weight per item, above 0.</param>
public sealed record FoldedHistory(int[] Items, float[] Weights);
