using RecSys.Batch.Training;
using RecSys.Core;

namespace RecSys.Batch.Evaluation;

/// <summary>Interactions split in two: those that models learn from, and those that judge them.</summary>
/// <param name="Protocol">Description of how interactions are split, ranked and judged; shown beside every figure.</param>
/// <param name="Train">The training set.</param>
/// <param name="Users">The users that judge: those with relevant items.</param>
/// <param name="Ideal">The ideal list that discounted gains are divided by.</param>
public sealed record EvaluationSplit(string Protocol, TrainingSet Train, IReadOnlyList<EvaluationUser> Users, IdealGain Ideal);

/// <summary>A user that judges.</summary>
/// <param name="Row">Row in the training set.</param>
/// <param name="Name">The caller's id of the user, if known.</param>
/// <param name="Relevant">Indices of the relevant items, none of them in the history; ascending.</param>
public sealed record EvaluationUser(int Row, UserId? Name, int[] Relevant);
