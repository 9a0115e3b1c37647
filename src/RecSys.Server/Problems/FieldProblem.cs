using RecSys.Client;

namespace RecSys.Server.Problems;

/// <summary>A problem of one field or parameter.</summary>
/// <param name="Path">Path of the field: <c>userId</c>, <c>[3].context.device</c>; empty for the whole body.</param>
/// <param name="Message">The problem, with the limit.</param>
/// <param name="Code">One of <see cref="ProblemCodes"/>.</param>
internal readonly record struct FieldProblem(string Path, string Message, string Code = ProblemCodes.InvalidField)
{
    /// <summary>Returns the same problem with an outer path in front of its own.</summary>
    public FieldProblem In(string outer) =>
        this with { Path = Path.Length == 0 ? outer : Path[0] == '[' ? outer + Path : $"{outer}.{Path}" };
}
