using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using RecSys.Client;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Server.Bodies;
using RecSys.Server.Edge;
using RecSys.Server.Problems;
using RecSys.Server.Telemetry;

namespace RecSys.Server.Endpoints;

/// <summary>Endpoints of data collection: interactions are appended to the log, and acknowledged once they are durable.</summary>
internal sealed class InteractionEndpoints(
    IInteractionLog log,
    InteractionTypes types,
    RequestBodies bodies,
    RequestMemoryLimiter limiter,
    IOptions<RecSysServerOptions> options,
    ServerMeter meter,
    TimeProvider time,
    IHostApplicationLifetime lifetime) : IEndpoints, IDisposable
{
    private readonly SemaphoreSlim _streams = new(options.Value.StreamsMax);
    private readonly RowParser _parser = new InteractionParser(types).TryRead;

    /// <inheritdoc/>
    public IEnumerable<Route> Routes =>
    [
        new("POST", "/v1/interactions", Role.Write, RecordAsync)
        {
            Name = "recordInteractions",
            Tag = Tags.Interactions,
            Summary = "Records what users did",
            Description = "The body is one interaction, an array of 1 to 10,000, or a stream of lines (application/x-ndjson) of any length. "
                + "The call is answered once all rows are durable. An array with an invalid row is refused as a whole, and the problem has the row's index; a stream is stored "
                + "in chunks of at most 1,000 lines or 1 MiB, and an invalid line ends it with the line's number and the number of stored lines before it. "
                + "An interaction with an id may be sent again: it counts once in a profile.",
            Body = new BodyDescription(typeof(InteractionBody), IsArray: true, IsStream: true),
            Status = StatusCodes.Status202Accepted,
            Answer = typeof(AcceptedResponse),
        },
        new("DELETE", "/v1/users/{userId}/interactions/{id}", Role.Write, RetractAsync)
        {
            Name = "retractInteraction",
            Tag = Tags.Interactions,
            Summary = "Retracts an interaction by its id",
            Status = StatusCodes.Status202Accepted,
            Answer = typeof(AcceptedResponse),
        },
    ];

    /// <inheritdoc/>
    public void Dispose() => _streams.Dispose();

    private async Task<Problem?> RecordAsync(Call call)
    {
        if (call.BodyKind == BodyKind.Lines)
        {
            return await StreamAsync(call).ConfigureAwait(false);
        }

        (RequestBody? body, Problem? problem) = await bodies.ReadAsync(call.Http).ConfigureAwait(false);
        if (body is null)
        {
            return problem;
        }

        List<LogRecord> rows;
        using (body)
        {
            long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
            if (JsonRows.TryRead(body.Bytes, _parser, acceptsSingle: true, nowMs, out rows) is { } badRow)
            {
                meter.InteractionsRefused(badRow.Code);
                return Problem.OfField(badRow);
            }
        }

        LogPosition position = await log.AppendAsync(rows, call.Aborted).ConfigureAwait(false);
        meter.InteractionsAccepted(rows.Count);
        return await call.AcceptAsync(rows.Count, position).ConfigureAwait(false);
    }

    private async Task<Problem?> StreamAsync(Call call)
    {
        if (!await _streams.WaitAsync(TimeSpan.Zero, call.Aborted).ConfigureAwait(false))
        {
            return Problem.Overloaded($"{options.Value.StreamsMax} streams are open, and no more are allowed; send the lines as arrays, or retry later");
        }

        try
        {
            return await new InteractionStream(log, _parser, limiter, meter, time, lifetime.ApplicationStopping).RunAsync(call).ConfigureAwait(false);
        }
        finally
        {
            _streams.Release();
        }
    }

    private async Task<Problem?> RetractAsync(Call call)
    {
        LogRecord record = new LogRecord.InteractionRetracted(call.User, call.Id(1), time.GetUtcNow().ToUnixTimeMilliseconds());
        LogPosition position = await log.AppendAsync([record], call.Aborted).ConfigureAwait(false);
        return await call.AcceptAsync(1, position).ConfigureAwait(false);
    }
}
