using System.Text.Json.Serialization.Metadata;

namespace RecSys.Server.Edge;

/// <summary>One method of one target: who may call it, what it takes, and what answers.</summary>
/// <param name="Method">The method of HTTP.</param>
/// <param name="Template">The target: segments in braces are ids, read from the raw target; <c>{id}:verb</c> ends in a literal verb.</param>
/// <param name="Role">What a key must be allowed to.</param>
/// <param name="Handle">Answers and returns null, or says what is wrong and has written nothing.</param>
internal sealed record Route(string Method, string Template, Role Role, Func<Call, Task<Problem?>> Handle)
{
    /// <summary>What it is called in the API's description, and by generated clients.</summary>
    public required string Name { get; init; }

    /// <summary>What it does, in a line.</summary>
    public required string Summary { get; init; }

    /// <summary>The group it is described in.</summary>
    public required string Tag { get; init; }

    /// <summary>What a caller must know besides.</summary>
    public string? Description { get; init; }

    /// <summary>The parameters of its query.</summary>
    public IReadOnlyList<Parameter> Query { get; init; } = [];

    /// <summary>What its body is.</summary>
    public BodyDescription? Body { get; init; }

    /// <summary>The status of its answer.</summary>
    public int Status { get; init; } = 200;

    /// <summary>What its answer is.</summary>
    public JsonTypeInfo? Answer { get; init; }

    /// <summary>The media type of its answer.</summary>
    public string AnswerType { get; init; } = "application/json";

    /// <summary>Whether the API's description names it.</summary>
    public bool IsDescribed { get; init; } = true;
}

/// <summary>A body that a route takes.</summary>
/// <param name="Type">One row of it.</param>
/// <param name="IsArray">Whether an array of rows is taken.</param>
/// <param name="IsSingle">Whether one row alone is taken.</param>
/// <param name="IsStream">Whether a stream of lines is taken.</param>
/// <param name="IsOptional">Whether it may be left out.</param>
internal sealed record BodyDescription(
    JsonTypeInfo Type, bool IsArray = false, bool IsSingle = true, bool IsStream = false, bool IsOptional = false);
