using RecSys.Client;
using RecSys.Server.Problems;

namespace RecSys.Server.Edge;

/// <summary>One method of one target: its role, its parameters and its handler.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Template">The target: segments in braces are ids, read from the raw target; <c>{id}:verb</c> ends in a literal verb.</param>
/// <param name="Role">The role that a key must have.</param>
/// <param name="Handle">Writes the answer and returns null, or returns the problem without writing.</param>
internal sealed record Route(string Method, string Template, Role Role, Func<Call, Task<Problem?>> Handle)
{
    /// <summary>Gets the operation id in the API's description and in generated clients.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the summary in one line.</summary>
    public required string Summary { get; init; }

    /// <summary>Gets the group of the route in the API's description.</summary>
    public required string Tag { get; init; }

    /// <summary>Gets further documentation for callers.</summary>
    public string? Description { get; init; }

    /// <summary>Gets the query parameters.</summary>
    public IReadOnlyList<Parameter> Query { get; init; } = [];

    /// <summary>Gets the body, or null if the route accepts none.</summary>
    public BodyDescription? Body { get; init; }

    /// <summary>Gets the status of the answer.</summary>
    public int Status { get; init; } = 200;

    /// <summary>Gets the type of the answer, one of <see cref="RecSysJsonContext"/>.</summary>
    /// <remarks>The type and not its JSON contract: to create those of all routes takes a tenth of a start.</remarks>
    public Type? Answer { get; init; }

    /// <summary>Gets the media type of the answer.</summary>
    public string AnswerType { get; init; } = "application/json";

    /// <summary>Gets whether the API's description includes the route.</summary>
    public bool IsDescribed { get; init; } = true;
}

/// <summary>A body that a route accepts.</summary>
/// <param name="Type">Type of one row, one of <see cref="RecSysJsonContext"/>.</param>
/// <param name="IsArray">Whether an array of rows is accepted.</param>
/// <param name="IsSingle">Whether a single row is accepted.</param>
/// <param name="IsStream">Whether a stream of lines is accepted.</param>
/// <param name="IsOptional">Whether the body may be omitted.</param>
internal sealed record BodyDescription(
    Type Type, bool IsArray = false, bool IsSingle = true, bool IsStream = false, bool IsOptional = false);
