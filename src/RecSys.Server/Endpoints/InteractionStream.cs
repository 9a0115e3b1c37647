using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Server.Bodies;
using RecSys.Server.Edge;
using RecSys.Server.Problems;
using RecSys.Server.Telemetry;

namespace RecSys.Server.Endpoints;

/// <summary>A stream of interactions, one per line: each chunk is appended to the log as a whole while the next one is read.</summary>
/// <remarks>
/// A chunk ends at <see cref="RecSysServerOptions.StreamChunkMax"/> lines, at <see cref="RecSysServerOptions.StreamChunkBytesMax"/> bytes, or if
/// no byte arrives for <see cref="RecSysServerOptions.StreamPause"/>, so that the lines of a producer that pauses are stored, and it uses little memory.
/// </remarks>
internal sealed class InteractionStream(
    IInteractionLog log, RowParser parser, RequestMemoryLimiter limiter, ServerMeter meter, TimeProvider time, CancellationToken stopping)
{
    private readonly MemoryPermit _permit = limiter.Open();
    private List<LogRecord> _rows = [];
    private long _bytes;
    private long _line;
    private long _accepted;
    private long _kept;
    private LogPosition _position = LogPosition.Start;
    private Chunk? _pending;

    /// <summary>Reads the stream to its end, or to its first invalid line.</summary>
    public async Task<Problem?> RunAsync(Call call)
    {
        IFeatureCollection features = call.Http.Features;
        features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
        if (features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        using MemoryPermit permit = _permit;
        try
        {
            LineBuffer lines = new(call.Http.Request, limiter, time, stopping);
            await using (lines.ConfigureAwait(false))
            {
                Problem? problem = await ReadAsync(lines, call.Aborted).ConfigureAwait(false);
                if (problem is not null)
                {
                    await SettleAsync().ConfigureAwait(false);
                    return Ended(problem);
                }
            }

            await SendAsync(call.Aborted).ConfigureAwait(false);
            await SettleAsync().ConfigureAwait(false);
        }
        catch (OverloadedException overloaded)
        {
            return Ended(Problem.Overloaded(overloaded.Message));
        }
        catch (StoreUnavailableException unavailable)
        {
            return Ended(Problem.Unavailable(unavailable, "it is unknown whether the lines after the stored ones were stored; they may be sent again"));
        }

        return _accepted == 0
            ? Problem.OfField(new FieldProblem("", "the stream has no lines; 1 or more are required"))
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
                if ((lines.IsTooLong ? TooLong() : AddLine(lines.Line.Span, nowMs)) is { } problem)
                {
                    return problem;
                }

                if (_line % RecSysServerOptions.StreamChunkMax == 0 || _bytes >= RecSysServerOptions.StreamChunkBytesMax)
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

            Task<bool> filling = lines.FillAsync();
            if (!filling.IsCompleted && !await ArrivesSoonAsync(filling).ConfigureAwait(false))
            {
                await SendAsync(cancellationToken).ConfigureAwait(false);
                await SettleAsync().ConfigureAwait(false);
            }

            try
            {
                if (!await filling.ConfigureAwait(false))
                {
                    return null;
                }
            }
            catch (OperationCanceledException) when (lines.IsLate)
            {
                await SendAsync(cancellationToken).ConfigureAwait(false);
                _line++;
                return stopping.IsCancellationRequested
                    ? Problem.Unavailable("the server stops; send this line and those after it again")
                    : Problem.TooSlow(lines.IsInLine
                        ? $"the line has not arrived within {RecSysServerOptions.StreamLineDeadline.TotalSeconds} s"
                        : $"no data arrived for {RecSysServerOptions.StreamIdleMax.TotalMinutes} minutes; send an empty line from time to time to keep a stream open");
            }

            nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        }
        while (true);
    }

    /// <summary>Waits for bytes, at most as long as lines may wait for others of their chunk.</summary>
    private async ValueTask<bool> ArrivesSoonAsync(Task<bool> filling)
    {
        if (_rows.Count == 0 && _pending is null)
        {
            return true;
        }

        try
        {
            await filling.WaitAsync(RecSysServerOptions.StreamPause, time).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }

    private Problem? AddLine(ReadOnlySpan<byte> line, long nowMs)
    {
        line = _line == 1 && line.StartsWith("\uFEFF"u8) ? line[3..] : line;
        if (line.Trim(" \t\r"u8).IsEmpty)
        {
            return null;
        }

        if (!_permit.TrySet(_permit.Bytes + line.Length))
        {
            return Problem.Overloaded(limiter.Exhausted);
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

    /// <summary>Begins to store the current chunk once the previous one is stored.</summary>
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
        _permit.TrySet(_permit.Bytes - chunk.Bytes);
        _accepted += chunk.Count;
        _kept = chunk.Line;
        meter.InteractionsAccepted(chunk.Count);
    }

    private static Problem TooLong() =>
        Problem.TooLarge($"the line is longer than {RecSysServerOptions.LineBytesMax} bytes");

    private Problem Ended(Problem problem) => problem with
    {
        Detail = string.Create(CultureInfo.InvariantCulture, $"line {_line}: {problem.Detail}; {_kept} lines before it are stored"),
        Line = _line,
        Accepted = _kept,
        Position = _accepted == 0 ? null : _position.ToString(),
    };

    private sealed record Chunk(Task<LogPosition> Stored, int Count, long Line, long Bytes);
}
