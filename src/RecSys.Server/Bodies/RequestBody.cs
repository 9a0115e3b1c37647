using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using RecSys.Server.Edge;

namespace RecSys.Server.Bodies;

/// <summary>A whole body in one rented buffer: valid UTF-8, at most <see cref="RecSysServerOptions.BodyBytesMax"/>.</summary>
internal sealed class RequestBody : IDisposable
{
    private const int ChunkedStart = 16_384;
    private const string Json = "application/json";
    private const string Lines = "application/x-ndjson";
    private readonly RequestMemoryLimiter _budget;
    private byte[] _buffer;
    private int _length;

    private RequestBody(RequestMemoryLimiter budget, byte[] buffer)
    {
        _budget = budget;
        _buffer = buffer;
    }

    /// <summary>The kinds of content that are read.</summary>
    public enum Kind
    {
        /// <summary>One JSON value.</summary>
        Json,

        /// <summary>JSON values, one a line.</summary>
        Lines,
    }

    /// <summary>The bytes, without a byte order mark.</summary>
    public ReadOnlySpan<byte> Bytes
    {
        get
        {
            ReadOnlySpan<byte> bytes = _buffer.AsSpan(0, _length);
            return bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
        }
    }

    /// <summary>Says what the content is, or what is wrong with its kind.</summary>
    public static Problem? KindOf(HttpRequest request, bool takesLines, out Kind kind)
    {
        kind = Kind.Json;
        string takes = takesLines ? $"{Json} or {Lines}" : Json;
        string? type = request.ContentType;
        if (type is null)
        {
            return Problem.UnsupportedMediaType($"the header Content-Type is missing; it must be {takes}");
        }

        if (request.Headers.ContentEncoding.Count > 0 && request.Headers.ContentEncoding != "identity")
        {
            return Problem.UnsupportedMediaType($"the Content-Encoding '{request.Headers.ContentEncoding}' is not read; send the body as it is");
        }

        if (type == Json)
        {
            return null;
        }

        bool isKnown = MediaTypeHeaderValue.TryParse(type, out MediaTypeHeaderValue? value)
            && (!value.Charset.HasValue || value.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase));
        if (isKnown && value!.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        kind = Kind.Lines;
        return isKnown && takesLines && value!.MediaType.Equals(Lines, StringComparison.OrdinalIgnoreCase)
            ? null
            : Problem.UnsupportedMediaType($"the Content-Type '{type}' is not read here; it must be {takes}, in UTF-8");
    }

    /// <summary>Reads a body to its end.</summary>
    /// <returns>The body, to be disposed, or what is wrong with it.</returns>
    public static async ValueTask<(RequestBody? Body, Problem? Problem)> ReadAsync(HttpContext context, RequestMemoryLimiter budget)
    {
        long? announced = context.Request.ContentLength;
        if (announced > RecSysServerOptions.BodyBytesMax)
        {
            return (null, Problem.TooLarge(
                $"the body has {announced} bytes; at most {RecSysServerOptions.BodyBytesMax} are allowed"));
        }

        int size = announced is { } length ? Math.Max((int)length, 1) : ChunkedStart;
        if (!budget.TryTake(size))
        {
            return (null, Problem.Overloaded(budget.Exhausted));
        }

        RequestBody body = new(budget, ArrayPool<byte>.Shared.Rent(size)) { _taken = size };
        bool isWhole = false;
        try
        {
            Problem? problem = await body.FillAsync(context, announced).ConfigureAwait(false) ?? body.CheckText();
            isWhole = problem is null;
            return (isWhole ? body : null, problem);
        }
        finally
        {
            if (!isWhole)
            {
                body.Dispose();
            }
        }
    }

    private long _taken;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
            _length = 0;
            _budget.Return(_taken);
        }
    }

    /// <summary>What is wrong with JSON that is broken: where, as the parser found it.</summary>
    public static FieldProblem Broken(JsonException exception, ReadOnlySpan<byte> bytes)
    {
        long position = exception.BytePositionInLine ?? 0;
        ReadOnlySpan<byte> rest = bytes;
        for (long line = exception.LineNumber ?? 0; line > 0 && rest.IndexOf((byte)'\n') is >= 0 and int end; line--)
        {
            position += end + 1;
            rest = rest[(end + 1)..];
        }

        string reason = exception.Message;
        int cut = reason.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return new FieldProblem(
            "",
            $"the JSON is broken at byte {position}: {(cut < 0 ? reason : reason[..cut])}",
            ProblemCodes.BrokenJson);
    }

    /// <summary>What is wrong with bytes that are no UTF-8, or null.</summary>
    public static FieldProblem? NotUtf8(ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
        {
            return null;
        }

        int position = 0;
        while (Rune.DecodeFromUtf8(bytes[position..], out _, out int consumed) == OperationStatus.Done)
        {
            position += consumed;
        }

        return new FieldProblem("", $"the body is not valid UTF-8 at byte {position}", ProblemCodes.BrokenJson);
    }

    private async ValueTask<Problem?> FillAsync(HttpContext context, long? announced)
    {
        while (true)
        {
            if (_length == _buffer.Length && !TryGrow())
            {
                return Problem.Overloaded(_budget.Exhausted);
            }

            int read = await context.Request.Body.ReadAsync(_buffer.AsMemory(_length), context.RequestAborted).ConfigureAwait(false);
            _length += read;
            if (read == 0 || _length == announced)
            {
                return null;
            }
        }
    }

    private bool TryGrow()
    {
        int size = _buffer.Length * 2;
        if (!_budget.TryTake(size - _taken))
        {
            return false;
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(size);
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
        _taken = size;
        return true;
    }

    private Problem? CheckText() => NotUtf8(_buffer.AsSpan(0, _length)) is { } problem ? Problem.OfField(problem) : null;
}
