using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using RecSys.Client;
using RecSys.Server.Problems;

namespace RecSys.Server.Bodies;

/// <summary>A whole body in one rented buffer: valid UTF-8, at most <see cref="RecSysServerOptions.BodyBytesMax"/>.</summary>
internal sealed class RequestBody : IDisposable
{
    private const int FirstBytes = 16_384;
    private const string Json = "application/json";
    private const string Lines = "application/x-ndjson";
    private readonly RequestMemoryLimiter _limiter;
    private readonly MemoryPermit _permit;
    private byte[] _buffer = [];
    private int _length;

    private RequestBody(RequestMemoryLimiter limiter)
    {
        _limiter = limiter;
        _permit = limiter.Open();
    }

    /// <summary>Gets the bytes, without a byte order mark.</summary>
    public ReadOnlySpan<byte> Bytes
    {
        get
        {
            ReadOnlySpan<byte> bytes = _buffer.AsSpan(0, _length);
            return bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
        }
    }

    /// <summary>Determines the kind of the content, or returns the problem.</summary>
    public static Problem? KindOf(HttpRequest request, bool acceptsLines, out BodyKind kind)
    {
        kind = BodyKind.Json;
        string accepted = acceptsLines ? $"{Json} or {Lines}" : Json;
        string? type = request.ContentType;
        if (type is null)
        {
            return Problem.UnsupportedMediaType($"the header Content-Type is missing; it must be {accepted}");
        }

        if (request.Headers.ContentEncoding.Count > 0 && request.Headers.ContentEncoding != "identity")
        {
            return Problem.UnsupportedMediaType($"the Content-Encoding '{request.Headers.ContentEncoding}' is not supported; send the body without an encoding");
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

        kind = BodyKind.Lines;
        return isKnown && acceptsLines && value!.MediaType.Equals(Lines, StringComparison.OrdinalIgnoreCase)
            ? null
            : Problem.UnsupportedMediaType($"the Content-Type '{type}' is not supported here; it must be {accepted}, in UTF-8");
    }

    /// <summary>Reads a body to its end.</summary>
    /// <remarks>The limiter is charged for the bytes that have arrived, rounded up to the buffer that contains them; bytes that Content-Length only announces are not counted.</remarks>
    /// <param name="context">Request whose body is read.</param>
    /// <param name="limiter">Limits the bytes in memory.</param>
    /// <param name="deadline">Time within which the body must arrive.</param>
    /// <param name="time">Clock of the deadline.</param>
    /// <returns>The body, to be disposed, or the problem.</returns>
    public static async ValueTask<(RequestBody? Body, Problem? Problem)> ReadAsync(
        HttpContext context, RequestMemoryLimiter limiter, TimeSpan deadline, TimeProvider time)
    {
        long? announced = context.Request.ContentLength;
        if (announced > RecSysServerOptions.BodyBytesMax)
        {
            return (null, Problem.TooLarge(
                $"the body has {announced} bytes; at most {RecSysServerOptions.BodyBytesMax} are allowed"));
        }

        RequestBody body = new(limiter);
        bool isWhole = false;
        using CancellationTokenSource timeout = new(deadline, time);
        try
        {
            Problem? problem = await body.FillAsync(context.Request, announced, timeout.Token).ConfigureAwait(false) ?? body.CheckText();
            isWhole = problem is null;
            return (isWhole ? body : null, problem);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            return (null, Problem.TooSlow(string.Create(
                CultureInfo.InvariantCulture, $"the body has not arrived within {deadline.TotalSeconds} s; send it in parts, or as {Lines}")));
        }
        finally
        {
            if (!isWhole)
            {
                body.Dispose();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        byte[] buffer = _buffer;
        (_buffer, _length) = ([], 0);
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        _permit.Dispose();
    }

    /// <summary>Returns the problem of invalid JSON, with the parser's position.</summary>
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
            $"the JSON is invalid at byte {position}: {(cut < 0 ? reason : reason[..cut])}",
            ProblemCodes.BrokenJson);
    }

    /// <summary>Returns the problem of bytes that are not UTF-8, or null.</summary>
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

    private async ValueTask<Problem?> FillAsync(HttpRequest request, long? announced, CancellationToken cancellationToken)
    {
        long sizeMax = announced ?? RecSysServerOptions.BodyBytesMax + 1L;
        while (_length < sizeMax)
        {
            if (_length == _buffer.Length && !TryGrow(sizeMax))
            {
                return Problem.Overloaded(_limiter.Exhausted);
            }

            int read = await BodyReading.ReadAsync(request, _buffer.AsMemory(_length), cancellationToken).ConfigureAwait(false);
            _length += read;
            if (read == 0)
            {
                return null;
            }
        }

        return null;
    }

    /// <summary>Doubles the buffer, up to the announced size.</summary>
    private bool TryGrow(long sizeMax)
    {
        int size = (int)Math.Min(Math.Max(FirstBytes, _buffer.Length * 2L), sizeMax);
        if (!_permit.TrySet(size))
        {
            return false;
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(size);
        _buffer.AsSpan(0, _length).CopyTo(larger);
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        _buffer = larger;
        return true;
    }

    private Problem? CheckText() => NotUtf8(_buffer.AsSpan(0, _length)) is { } problem ? Problem.OfField(problem) : null;
}

/// <summary>The supported kinds of content.</summary>
internal enum BodyKind
{
    /// <summary>One JSON value.</summary>
    Json,

    /// <summary>JSON values, one per line.</summary>
    Lines,
}
