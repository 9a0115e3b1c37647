using System.Globalization;
using System.Text.Json;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Server.Problems;

namespace RecSys.Server.Bodies;

/// <summary>Reads one row; the reader is at the row's first token before the call, and at its last one afterwards.</summary>
/// <returns>The problem, or null and the row.</returns>
internal delegate FieldProblem? RowParser(ref Utf8JsonReader reader, long nowMs, out LogRecord? row);

/// <summary>Reads bodies that are one row or an array of rows, and converts each row to a record.</summary>
internal static class JsonRows
{
    /// <summary>Reads all rows of a body. A body with an invalid row is refused as a whole.</summary>
    /// <param name="bytes">The body; valid UTF-8.</param>
    /// <param name="parser">Reads a row.</param>
    /// <param name="acceptsSingle">Whether one row without an array is accepted.</param>
    /// <param name="nowMs">The time, in milliseconds since 1970.</param>
    /// <param name="rows">Receives the rows that were read.</param>
    /// <returns>The problem, with the row's index in the path, or null.</returns>
    public static FieldProblem? TryRead(
        ReadOnlySpan<byte> bytes, RowParser parser, bool acceptsSingle, long nowMs, out List<LogRecord> rows)
    {
        rows = [];
        try
        {
            Utf8JsonReader reader = new(bytes);
            reader.Read();
            FieldProblem? problem =
                reader.TokenType == JsonTokenType.StartArray ? ReadArray(ref reader, parser, nowMs, rows)
                : acceptsSingle ? ReadOne(ref reader, parser, nowMs, rows)
                : new FieldProblem("", $"must be an array of 1 to {Limits.BatchMax} rows");
            if (problem is null)
            {
                reader.Read(); // throws if anything follows the rows
            }

            return problem;
        }
        catch (JsonException exception)
        {
            return RequestBody.Broken(exception, bytes);
        }
    }

    /// <summary>Reads a body that is one row, not an array.</summary>
    public static FieldProblem? TryReadSingle(ReadOnlySpan<byte> bytes, RowParser parser, long nowMs, out List<LogRecord> rows)
    {
        FieldProblem? problem = TryReadOne(bytes, parser, nowMs, out LogRecord? row);
        rows = problem is null ? [row!] : [];
        return problem;
    }

    /// <summary>Reads one row from a separate text, such as a line.</summary>
    public static FieldProblem? TryReadOne(ReadOnlySpan<byte> bytes, RowParser parser, long nowMs, out LogRecord? row)
    {
        row = null;
        if (RequestBody.NotUtf8(bytes) is { } notText)
        {
            return notText;
        }

        try
        {
            Utf8JsonReader reader = new(bytes);
            reader.Read();
            FieldProblem? problem = parser(ref reader, nowMs, out row);
            if (problem is null)
            {
                reader.Read(); // throws if anything follows the row
            }

            return problem;
        }
        catch (JsonException exception)
        {
            return RequestBody.Broken(exception, bytes);
        }
    }

    private static FieldProblem? ReadOne(ref Utf8JsonReader reader, RowParser parser, long nowMs, List<LogRecord> rows)
    {
        FieldProblem? problem = parser(ref reader, nowMs, out LogRecord? row);
        if (problem is null)
        {
            rows.Add(row!);
        }

        return problem;
    }

    private static FieldProblem? ReadArray(ref Utf8JsonReader reader, RowParser parser, long nowMs, List<LogRecord> rows)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (rows.Count == Limits.BatchMax)
            {
                return new FieldProblem("", $"has more than {Limits.BatchMax} rows; send them in parts");
            }

            if (ReadOne(ref reader, parser, nowMs, rows) is { } problem)
            {
                return problem.In(string.Create(CultureInfo.InvariantCulture, $"[{rows.Count}]"));
            }
        }

        return rows.Count == 0 ? new FieldProblem("", $"is empty; 1 to {Limits.BatchMax} rows are allowed") : null;
    }
}
