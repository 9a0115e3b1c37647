using RecSys.Batch.Training;
using RecSys.Core;

namespace RecSys.Batch.Evaluation;

/// <summary>Interactions cut in two: what models may learn from, and what they are judged by.</summary>
/// <param name="Protocol">What cuts, ranks and judges, in words that stand beside every figure.</param>
/// <param name="Train">What models may learn from.</param>
/// <param name="Users">The users that are judged: those with something to find.</param>
/// <param name="Ideal">What a list's discounted gain is held against.</param>
public sealed record EvaluationSplit(string Protocol, TrainingSet Train, IReadOnlyList<EvaluationUser> Users, IdealGain Ideal);

/// <summary>A user who is judged.</summary>
/// <param name="Row">The row in the training set.</param>
/// <param name="Name">The caller's name of the user, where the split knows it.</param>
/// <param name="Relevant">The items to be found, none of them in the history; ascending indices.</param>
public sealed record EvaluationUser(int Row, UserId? Name, int[] Relevant);
