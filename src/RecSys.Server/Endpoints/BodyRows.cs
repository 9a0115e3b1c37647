using RecSys.Core.Log;
using RecSys.Server.Bodies;
using RecSys.Server.Edge;
using RecSys.Server.Problems;

namespace RecSys.Server.Endpoints;

/// <summary>Reads the rows of a JSON body that is not a stream.</summary>
internal static class BodyRows
{
    /// <summary>Reads all rows, or returns the problem.</summary>
    /// <param name="call">Call whose body is read.</param>
    /// <param name="bodies">Reads the body.</param>
    /// <param name="parser">Reads a row.</param>
    /// <param name="isBatch">Whether the body is an array of rows; otherwise it is one row.</param>
    /// <param name="time">Clock for the rows without a time.</param>
    public static async ValueTask<(List<LogRecord>? Rows, Problem? Problem)> ReadAsync(
        Call call, RequestBodies bodies, RowParser parser, bool isBatch, TimeProvider time)
    {
        (RequestBody? body, Problem? problem) = await bodies.ReadAsync(call.Http).ConfigureAwait(false);
        if (body is null)
        {
            return (null, problem);
        }

        using (body)
        {
            long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
            FieldProblem? bad = isBatch
                ? JsonRows.TryRead(body.Bytes, parser, acceptsSingle: false, nowMs, out List<LogRecord> rows)
                : JsonRows.TryReadSingle(body.Bytes, parser, nowMs, out rows);
            return bad is { } badRow ? (null, Problem.OfField(badRow)) : (rows, null);
        }
    }
}
