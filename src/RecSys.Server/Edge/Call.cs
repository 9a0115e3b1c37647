using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using RecSys.Client;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Server.Bodies;
using RecSys.Server.Problems;

namespace RecSys.Server.Edge;

/// <summary>A call of a route, with checked ids and parameters.</summary>
internal sealed class Call(HttpContext http, string[] ids, QueryValues query, AnswerMemoryLimiter answers)
{
    /// <summary>Number of an answer's bytes that are passed to the connection at a time; the next ones follow when the client has read them.</summary>
    private const int PieceBytes = 65_536;

    /// <summary>The media type of JSON.</summary>
    public const string JsonType = "application/json";

    /// <summary>Gets the request and the response.</summary>
    public HttpContext Http { get; } = http;

    /// <summary>Gets the parameters.</summary>
    public QueryValues Query { get; } = query;

    /// <summary>Gets the kind of content of the body, if the route accepts a body.</summary>
    public BodyKind BodyKind { get; init; }

    /// <summary>Gets the token that is cancelled when the caller disconnects.</summary>
    public CancellationToken Aborted => Http.RequestAborted;

    /// <summary>Gets the user of the first id in the target.</summary>
    public UserId User => new(ids[0]);

    /// <summary>Returns the item of an id in the target.</summary>
    public ItemId Item(int index) => new(ids[index]);

    /// <summary>Returns an id in the target.</summary>
    public string Id(int index) => ids[index];

    /// <summary>Returns the position that the answer must reflect, or null.</summary>
    public LogPosition? After(Parameter parameter) =>
        Query.Of(parameter) is { } text && LogPosition.TryParse(text, out LogPosition? position) ? position : null;

    /// <summary>Answers with a body.</summary>
    public Task<Problem?> AnswerAsync<T>(T body, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK) =>
        AnswerAsync((body, type), static (json, answer) => JsonSerializer.Serialize(json, answer.body, answer.type), status);

    /// <summary>Answers with JSON that is written to memory first.</summary>
    /// <exception cref="OverloadedException">The answers in memory have reached their limit.</exception>
    public async Task<Problem?> AnswerAsync<T>(T state, Action<Utf8JsonWriter, T> write, int status = StatusCodes.Status200OK)
    {
        AnswerBuffer buffer = AnswerBuffer.Rent(answers);
        try
        {
            write(buffer.Json, state);
            buffer.Json.Flush();
            return await AnswerAsync(buffer.Bytes, JsonType, status).ConfigureAwait(false);
        }
        finally
        {
            AnswerBuffer.Pool.Return(buffer);
        }
    }

    /// <summary>Answers with bytes.</summary>
    public async Task<Problem?> AnswerAsync(ReadOnlyMemory<byte> body, string mediaType, int status = StatusCodes.Status200OK)
    {
        HttpResponse response = Http.Response;
        response.StatusCode = status;
        response.ContentType = mediaType;
        response.ContentLength = body.Length;
        do
        {
            int piece = Math.Min(PieceBytes, body.Length);
            await response.Body.WriteAsync(body[..piece], Aborted).ConfigureAwait(false);
            body = body[piece..];
        }
        while (!body.IsEmpty);

        return null;
    }

    /// <summary>Answers that rows were accepted, with their position in the log.</summary>
    public Task<Problem?> AcceptAsync(long count, LogPosition position) =>
        AnswerAsync(
            new AcceptedResponse { Accepted = count, Position = position.ToString() },
            RecSysJsonContext.Wire.AcceptedResponse,
            StatusCodes.Status202Accepted);
}
