using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Server.Bodies;
using RecSys.Server.Edge;
using RecSys.Server.Telemetry;

namespace RecSys.Server.Endpoints;

/// <summary>One stream of interactions, a line each: chunks go to the log whole, one while the next is being read.</summary>
internal sealed class InteractionStream(
    IInteractionLog log, RowParser parser, RequestMemoryLimiter budget, ServerMeter meter, TimeProvider time)
{
    private List<LogRecord> _rows = [];
    private long _bytes;
    private long _line;
    private long _accepted;
    private long _kept;
    private LogPosition _position = LogPosition.Start;
    private Chunk? _pending;

    /// <summary>Reads the stream to its end, or to its first bad line.</summary>
    public async Task<Problem?> RunAsync(Call call)
    {
        call.Http.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
        using LineBuffer lines = new(call.Http.Request);
        try
        {
            Problem? problem = await ReadAsync(lines, call.Aborted).ConfigureAwait(false);
            if (problem is not null)
            {
                await SettleAsync().ConfigureAwait(false);
                return Ended(problem);
            }

            await SendAsync(call.Aborted).ConfigureAwait(false);
            await SettleAsync().ConfigureAwait(false);
        }
        catch (OverloadedException overloaded)
        {
            return Ended(Problem.Overloaded(overloaded.Message));
        }
        catch (StoreUnavailableException)
        {
            return Ended(Problem.Unavailable(
                "the log does not answer; whether the lines after those kept were stored is unknown, and they may be sent again"));
        }
        finally
        {
            budget.Return(_bytes + (_pending?.Bytes ?? 0));
        }

        return _accepted == 0
            ? Problem.OfField(new FieldProblem("", "the stream has no lines; 1 or more are wanted"))
            : await call.AcceptAsync(_accepted, _position).ConfigureAwait(false);
    }

    private async ValueTask<Problem?> ReadAsync(LineBuffer lines, CancellationToken cancellationToken)
    {
        long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        do
        {
            while (lines.TryNext())
            {
                _line++;
                if ((lines.IsTooLong ? TooLong() : TakeLine(lines.Line.Span, nowMs)) is { } problem)
                {
                    return problem;
                }

                if (_line % RecSysServerOptions.StreamChunkMax == 0)
                {
                    await SendAsync(cancellationToken).ConfigureAwait(false);
                    nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
                }
            }

            if (lines.IsTooLong)
            {
                _line++;
                return TooLong();
            }
        }
        while (await lines.FillAsync(cancellationToken).ConfigureAwait(false));

        return null;
    }

    private Problem? TakeLine(ReadOnlySpan<byte> line, long nowMs)
    {
        line = _line == 1 && line.StartsWith("\uFEFF"u8) ? line[3..] : line;
        if (line.Trim(" \t\r"u8).IsEmpty)
        {
            return null;
        }

        if (!budget.TryTake(line.Length))
        {
            return Problem.Overloaded(budget.Exhausted);
        }

        _bytes += line.Length;
        if (JsonRows.TryReadOne(line, parser, nowMs, out LogRecord? row) is { } problem)
        {
            meter.InteractionsRefused(problem.Code);
            return Problem.OfField(problem);
        }

        _rows.Add(row!);
        return null;
    }

    /// <summary>Begins to store the chunk at hand, once the one before it is stored.</summary>
    private async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        await SettleAsync().ConfigureAwait(false);
        if (_rows.Count == 0)
        {
            _kept = _line;
            return;
        }

        _pending = new Chunk(log.AppendAsync(_rows, cancellationToken).AsTask(), _rows.Count, _line, _bytes);
        _rows = new List<LogRecord>(_rows.Count);
        _bytes = 0;
    }

    private async ValueTask SettleAsync()
    {
        if (_pending is not { } chunk)
        {
            return;
        }

        _position = _position.Max(await chunk.Stored.ConfigureAwait(false));
        _pending = null;
        budget.Return(chunk.Bytes);
        _accepted += chunk.Count;
        _kept = chunk.Line;
        meter.InteractionsAccepted(chunk.Count);
    }

    private static Problem TooLong() =>
        Problem.TooLarge($"the line is longer than {RecSysServerOptions.LineBytesMax} bytes");

    private Problem Ended(Problem problem) => problem with
    {
        Detail = string.Create(CultureInfo.InvariantCulture, $"line {_line}: {problem.Detail}; {_kept} lines before it are kept"),
        Line = _line,
        Accepted = _kept,
        Position = _accepted == 0 ? null : _position.ToString(),
    };

    private sealed record Chunk(Task<LogPosition> Stored, int Count, long Line, long Bytes);
}
