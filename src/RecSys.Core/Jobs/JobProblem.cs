namespace RecSys.Core.Jobs;

/// <summary>Why a job is refused before it starts.</summary>
/// <param name="Parameter">The parameter that is wrong; null: the kind itself.</param>
/// <param name="Text">The problem and the accepted values, as in "must be one of users, trends".</param>
public sealed record JobProblem(string? Parameter, string Text);
