namespace RecSys.Core.Jobs;

/// <summary>The reason why a job is refused before it starts.</summary>
/// <param name="Parameter">The invalid parameter; null if the kind is invalid.</param>
/// <param name="Text">The problem and the accepted values, such as "must be one of users, trends".</param>
public sealed record JobProblem(string? Parameter, string Text);
