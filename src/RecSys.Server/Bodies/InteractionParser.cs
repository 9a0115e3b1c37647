using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Server.Problems;

namespace RecSys.Server.Bodies;

/// <summary>Parses interactions from the bytes of a body without intermediate objects; a problem names the field and the limit.</summary>
/// <remarks>The hot path of data collection: a row without optional fields allocates only its record and its two ids.</remarks>
internal sealed class InteractionParser
{
    private const string Fields = "userId, itemId, type, timestamp, value, recommendationId, context, id";
    private const string ContextFields = "location, device, time, sessionFeatures";
    private readonly (byte[] Utf8, string Name)[] _types;
    private readonly string _typeRule;

    /// <summary>Creates a parser for the configured types of interactions.</summary>
    public InteractionParser(InteractionTypes types)
    {
        _types = [.. types.All.Select(type => (Encoding.UTF8.GetBytes(type.Name), type.Name))];
        _typeRule = $"must be one of {string.Join(", ", types.All.Select(type => type.Name))}";
    }

    /// <summary>Reads one row; the reader is at the row's first token before the call, and at its last one afterwards.</summary>
    /// <param name="reader">The bytes; valid UTF-8.</param>
    /// <param name="nowMs">The time, in milliseconds since 1970.</param>
    /// <param name="row">The row, if there is no problem.</param>
    /// <returns>The problem, or null.</returns>
    /// <exception cref="JsonException">The JSON is invalid.</exception>
    public FieldProblem? TryRead(ref Utf8JsonReader reader, long nowMs, out LogRecord? row)
    {
        row = null;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return new FieldProblem("", "must be an object");
        }

        UserId? userId = null;
        ItemId? itemId = null;
        string? type = null, recommendationId = null, id = null;
        long? timestamp = null;
        double? value = null;
        InteractionContext? context = null;
        uint seen = 0;
        while (JsonFields.NextName(ref reader))
        {
            FieldProblem? problem;
            if (JsonFields.Is(ref reader, "userId"u8))
            {
                reader.Read();
                problem = JsonFields.Once(ref seen, 0, "userId") ?? JsonFields.ReadId(ref reader, "userId", out userId);
            }
            else if (JsonFields.Is(ref reader, "itemId"u8))
            {
                reader.Read();
                problem = JsonFields.Once(ref seen, 1, "itemId") ?? JsonFields.ReadId(ref reader, "itemId", out itemId);
            }
            else if (JsonFields.Is(ref reader, "type"u8))
            {
                reader.Read();
                problem = JsonFields.Once(ref seen, 2, "type") ?? ReadType(ref reader, out type);
            }
            else if (JsonFields.Is(ref reader, "timestamp"u8))
            {
                reader.Read();
                problem = JsonFields.Once(ref seen, 3, "timestamp") ?? ReadTimestamp(ref reader, nowMs, out timestamp);
            }
            else if (JsonFields.Is(ref reader, "value"u8))
            {
                reader.Read();
                problem = JsonFields.Once(ref seen, 4, "value") ?? JsonFields.ReadNumber(ref reader, "value", out value);
            }
            else if (JsonFields.Is(ref reader, "id"u8))
            {
                reader.Read();
                problem = JsonFields.Once(ref seen, 5, "id") ?? ReadOptionalId(ref reader, "id", out id);
            }
            else if (JsonFields.Is(ref reader, "recommendationId"u8))
            {
                reader.Read();
                problem = JsonFields.Once(ref seen, 6, "recommendationId") ?? ReadOptionalId(ref reader, "recommendationId", out recommendationId);
            }
            else if (JsonFields.Is(ref reader, "context"u8))
            {
                reader.Read();
                problem = JsonFields.Once(ref seen, 7, "context") ?? ReadContext(ref reader, out context) ?? RecordSize.OfContext(context);
            }
            else
            {
                problem = JsonFields.Unknown(ref reader, Fields);
            }

            if (problem is not null)
            {
                return problem;
            }
        }

        return Finish(userId, itemId, type, timestamp ?? nowMs, value, recommendationId, id, context, out row);
    }

    /// <summary>Reads the context of an interaction or a request, or JSON null.</summary>
    public static FieldProblem? ReadContext(ref Utf8JsonReader reader, out InteractionContext? context)
    {
        context = null;
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return new FieldProblem("context", "must be an object");
        }

        context = new InteractionContext();
        uint seen = 0;
        while (JsonFields.NextName(ref reader))
        {
            if (ReadContextField(ref reader, ref seen, ref context) is { } problem)
            {
                return problem.In("context");
            }
        }

        return null;
    }

    private static FieldProblem? ReadContextField(ref Utf8JsonReader reader, ref uint seen, ref InteractionContext context)
    {
        FieldProblem? problem;
        string? text = null;
        if (JsonFields.Is(ref reader, "location"u8))
        {
            reader.Read();
            problem = JsonFields.Once(ref seen, 0, "location") ?? JsonFields.ReadText(ref reader, "location", Limits.TextBytesMax, out text);
            context = context with { Location = text };
        }
        else if (JsonFields.Is(ref reader, "device"u8))
        {
            reader.Read();
            problem = JsonFields.Once(ref seen, 1, "device") ?? JsonFields.ReadText(ref reader, "device", Limits.TextBytesMax, out text);
            context = context with { Device = text };
        }
        else if (JsonFields.Is(ref reader, "time"u8))
        {
            reader.Read();
            problem = JsonFields.Once(ref seen, 2, "time")
                ?? JsonFields.ReadTime(ref reader, "time", out _)
                ?? JsonFields.ReadText(ref reader, "time", Limits.TextBytesMax, out text);
            context = context with { Time = text };
        }
        else if (JsonFields.Is(ref reader, "sessionFeatures"u8))
        {
            reader.Read();
            ImmutableSortedDictionary<string, double>? numbers = null;
            problem = JsonFields.Once(ref seen, 3, "sessionFeatures") ?? JsonFields.ReadNumbers(ref reader, "sessionFeatures", out numbers);
            context = numbers is null ? context : context with { SessionFeatures = numbers };
        }
        else
        {
            problem = JsonFields.Unknown(ref reader, ContextFields);
        }

        return problem;
    }

    private static FieldProblem? ReadOptionalId(ref Utf8JsonReader reader, string field, out string? id)
    {
        id = null;
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        FieldProblem? problem = JsonFields.ReadId(ref reader, field, out string text);
        id = text;
        return problem;
    }

    private static FieldProblem? ReadTimestamp(ref Utf8JsonReader reader, long nowMs, out long? timestamp)
    {
        if (JsonFields.ReadTime(ref reader, "timestamp", out timestamp) is { } problem)
        {
            return problem;
        }

        long latest = nowMs + (long)Limits.FutureMax.TotalMilliseconds;
        return timestamp is < 0 ? new FieldProblem("timestamp", "is before 1970-01-01T00:00:00Z")
            : timestamp > latest ? new FieldProblem(
                "timestamp",
                string.Create(CultureInfo.InvariantCulture, $"is more than {Limits.FutureMax.TotalHours} hours ahead of the server's clock"))
            : null;
    }

    private FieldProblem? ReadType(ref Utf8JsonReader reader, out string? type)
    {
        type = null;
        if (reader.TokenType == JsonTokenType.String)
        {
            foreach ((byte[] utf8, string name) in _types)
            {
                if (JsonFields.Is(ref reader, utf8))
                {
                    type = name;
                    return null;
                }
            }
        }

        return new FieldProblem("type", _typeRule);
    }

    private FieldProblem? Finish(
        UserId? userId,
        ItemId? itemId,
        string? type,
        long timestampMs,
        double? value,
        string? recommendationId,
        string? id,
        InteractionContext? context,
        out LogRecord? row)
    {
        row = null;
        if (userId is not { } user)
        {
            return new FieldProblem("userId", "is missing");
        }

        if (itemId is not { } item)
        {
            return new FieldProblem("itemId", "is missing");
        }

        if (type is null)
        {
            return new FieldProblem("type", "is missing; it " + _typeRule);
        }

        row = new LogRecord.Interaction(user, item, type, timestampMs)
        {
            Value = value,
            RecommendationId = recommendationId,
            Id = id,
            Context = context,
        };
        return null;
    }
}
