using RecSys.Batch.Training;

namespace RecSys.Batch.Evaluation;

/// <summary>Interactions split in two: those that models learn from, and those that models are evaluated on.</summary>
/// <param name="Protocol">Description of how interactions are split, ranked and judged; shown beside every figure.</param>
/// <param name="Train">The training set.</param>
/// <param name="Users">The users to evaluate on: those with relevant items.</param>
public sealed record EvaluationSplit(string Protocol, TrainingSet Train, IReadOnlyList<EvaluationUser> Users);

/// <summary>A user to evaluate on.</summary>
/// <param name="Row">Row in the training set.</param>
/// <param name="Relevant">Indices of the relevant items, none of them in the history; ascending.</param>
public sealed record EvaluationUser(int Row, int[] Relevant)
{
    /// <summary>Gets the history to fold in for a user without interactions in the training set; null: the history is that of the row.</summary>
    public FoldedHistory? History { get; init; }
}

/// <summary>A history that models have not learned from.</summary>
/// <param name="Items">Item indices, ascending.</param>
/// <param name="Weights">One weight per item, above 0.</param>
public sealed record FoldedHistory(int[] Items, float[] Weights);
