using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using RecSys.Client;
using RecSys.Server.Problems;

namespace RecSys.Server.Edge;

/// <summary>Adds a problem body to Kestrel's own answers to invalid HTTP, which have no body.</summary>
/// <remarks>
/// Such a request never reaches the application, and Kestrel has no hook for its answer. It is recognised in the bytes that are sent: an error without
/// a body and without <c>X-Content-Type-Options</c>, which every answer of the application has. It is the last answer of its connection. If Kestrel itself terminates TLS,
/// the bytes are encrypted here, and the answer stays without a body.
/// </remarks>
internal static class ProtocolErrorBodies
{
    private const int LengthMax = 512;

    /// <summary>Wraps the output of a connection.</summary>
    public static ConnectionDelegate Use(ConnectionDelegate next) => context =>
    {
        context.Transport = new Wrapped(context.Transport.Input, new Writer(context.Transport.Output, context.ConnectionId));
        return next(context);
    };

    /// <summary>Adds a body to an answer without one.</summary>
    /// <param name="head">Bytes that are about to be sent.</param>
    /// <param name="traceId">Id of the connection in the log.</param>
    /// <returns>The bytes to send instead, or null if the bytes are not such an answer.</returns>
    public static byte[]? Expand(ReadOnlySpan<byte> head, string traceId)
    {
        bool hasNoBody = head.Length <= LengthMax
            && (head.StartsWith("HTTP/1.1 4"u8) || head.StartsWith("HTTP/1.1 5"u8))
            && head.EndsWith("\r\n\r\n"u8)
            && head.IndexOf("\r\nContent-Length: 0\r\n"u8) >= 0
            && head.IndexOf("\r\nX-Content-Type-Options:"u8) < 0;
        if (!hasNoBody)
        {
            return null;
        }

        string text = Encoding.ASCII.GetString(head);
        byte[] body = ProblemOf(int.Parse(text.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture)).ToJson(traceId);
        return
        [
            .. Encoding.ASCII.GetBytes(text.Replace(
                "\r\nContent-Length: 0\r\n",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"\r\nContent-Length: {body.Length}\r\nContent-Type: {Problem.MediaType}\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"),
                StringComparison.Ordinal)),
            .. body,
        ];
    }

    private static Problem ProblemOf(int status) => status switch
    {
        StatusCodes.Status408RequestTimeout => Problem.TooSlow(
            $"the header of the request has not arrived within {RecSysServerOptions.HeaderDeadline.TotalSeconds} s"),
        StatusCodes.Status414UriTooLong => new Problem(status, ProblemCodes.TooLarge, "target too long")
        {
            Detail = $"the request line has more than {RecSysServerOptions.RequestLineBytesMax} bytes; POST /v1/recommendations takes long lists in its body",
        },
        StatusCodes.Status431RequestHeaderFieldsTooLarge => new Problem(status, ProblemCodes.TooLarge, "header too large")
        {
            Detail = $"the header has more than {RecSysServerOptions.HeaderBytesMax} bytes or more than {RecSysServerOptions.HeadersMax} fields",
        },
        StatusCodes.Status505HttpVersionNotsupported => new Problem(status, ProblemCodes.NotSupported, "version not supported")
        {
            Detail = "the server supports HTTP/1.1 only",
        },
        >= 500 => new Problem(status, ProblemCodes.Internal, "internal error") { Detail = "the request failed; the log has the details" },
        _ => Problem.BadRequest(
            "the request is not valid HTTP: its request line or a header field is malformed, or Host, Content-Length or Transfer-Encoding is missing, given twice or wrong")
        with
        {
            Status = status,
        },
    };

    private sealed record Wrapped(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed class Writer(PipeWriter inner, string traceId) : PipeWriter
    {
        private Memory<byte> _memory;

        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => inner.UnflushedBytes;

        public override Memory<byte> GetMemory(int sizeHint = 0) => _memory = inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public override void Advance(int bytes)
        {
            if (bytes <= _memory.Length && Expand(_memory.Span[..bytes], traceId) is { } expanded)
            {
                inner.Write(expanded);
            }
            else
            {
                inner.Advance(bytes);
            }

            _memory = default;
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => inner.FlushAsync(cancellationToken);

        public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
            inner.WriteAsync(source, cancellationToken);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);
    }
}
