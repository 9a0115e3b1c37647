using System.Collections.Immutable;
using System.Text.Json;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Slates;
using RecSys.Server.Problems;

namespace RecSys.Server.Bodies;

/// <summary>Parses the body of a request for a slate.</summary>
internal static class RecommendationParser
{
    private const string Fields = "userId, items, count, category, scenario, exclude, diversity, context, next, after, candidates, seen";
    private const uint CountBit = 1u << 2;
    private const int CursorBytesMax = SlateCursor.TextLengthMax;

    /// <summary>Reads a whole body; returns its problem, or null.</summary>
    public static FieldProblem? TryRead(ReadOnlySpan<byte> bytes, out SlateRequest request)
    {
        request = new SlateRequest();
        try
        {
            Utf8JsonReader reader = new(bytes);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return new FieldProblem("", "must be an object");
            }

            uint seen = 0;
            while (JsonFields.NextName(ref reader))
            {
                if (ReadField(ref reader, ref seen, ref request) is { } problem)
                {
                    return problem;
                }
            }

            reader.Read(); // throws if anything follows the object
            if (request.Candidates is { Length: > 0 } candidates && (seen & CountBit) == 0)
            {
                request = request with { Count = Math.Min(candidates.Length, Limits.SlateMax) };
            }
        }
        catch (JsonException exception)
        {
            return RequestBody.Broken(exception, bytes);
        }

        return request.Problem() is { } wrong ? new FieldProblem(wrong.Field, wrong.Text) : null;
    }

    /// <summary>Reads the field at the reader's position into a request.</summary>
    public static FieldProblem? ReadField(ref Utf8JsonReader reader, ref uint seen, ref SlateRequest request)
    {
        FieldProblem? problem;
        string? text = null;
        if (JsonFields.Is(ref reader, "userId"u8))
        {
            reader.Read();
            UserId? user = null;
            problem = JsonFields.Once(ref seen, 0, "userId")
                ?? (reader.TokenType == JsonTokenType.Null ? null : JsonFields.ReadId(ref reader, "userId", out user));
            request = request with { User = user };
        }
        else if (JsonFields.Is(ref reader, "items"u8))
        {
            reader.Read();
            ImmutableArray<ItemId> items = [];
            problem = JsonFields.Once(ref seen, 1, "items") ?? ReadItems(ref reader, "items", SlateRequest.ItemsMax, out items);
            request = request with { Items = items };
        }
        else if (JsonFields.Is(ref reader, "count"u8))
        {
            reader.Read();
            problem = JsonFields.Once(ref seen, 2, "count") ?? ReadCount(ref reader, ref request);
        }
        else if (JsonFields.Is(ref reader, "category"u8))
        {
            reader.Read();
            problem = JsonFields.Once(ref seen, 3, "category") ?? JsonFields.ReadText(ref reader, "category", Limits.TextBytesMax, out text);
            request = request with { Category = text };
        }
        else if (JsonFields.Is(ref reader, "scenario"u8))
        {
            reader.Read();
            problem = JsonFields.Once(ref seen, 4, "scenario") ?? JsonFields.ReadText(ref reader, "scenario", Limits.TextBytesMax, out text);
            request = request with { Scenario = text };
        }
        else if (JsonFields.Is(ref reader, "exclude"u8))
        {
            reader.Read();
            ImmutableArray<ItemId> items = [];
            problem = JsonFields.Once(ref seen, 5, "exclude") ?? ReadItems(ref reader, "exclude", SlateRequest.ExcludeMax, out items);
            request = request with { Exclude = items };
        }
        else if (JsonFields.Is(ref reader, "diversity"u8))
        {
            reader.Read();
            double? diversity = null;
            problem = JsonFields.Once(ref seen, 6, "diversity") ?? JsonFields.ReadNumber(ref reader, "diversity", out diversity);
            request = request with { Diversity = diversity };
        }
        else if (JsonFields.Is(ref reader, "context"u8))
        {
            reader.Read();
            InteractionContext? context = null;
            problem = JsonFields.Once(ref seen, 7, "context") ?? InteractionParser.ReadContext(ref reader, out context);
            request = request with { Context = context };
        }
        else if (JsonFields.Is(ref reader, "next"u8))
        {
            reader.Read();
            problem = JsonFields.Once(ref seen, 8, "next") ?? JsonFields.ReadText(ref reader, "next", CursorBytesMax, out text);
            request = request with { Cursor = text };
        }
        else if (JsonFields.Is(ref reader, "after"u8))
        {
            reader.Read();
            problem = JsonFields.Once(ref seen, 9, "after") ?? ReadAfter(ref reader, ref request);
        }
        else if (JsonFields.Is(ref reader, "candidates"u8))
        {
            reader.Read();
            ImmutableArray<ItemId> items = [];
            bool isGiven = reader.TokenType != JsonTokenType.Null;
            problem = JsonFields.Once(ref seen, 10, "candidates") ?? ReadItems(ref reader, "candidates", SlateRequest.CandidatesMax, out items);
            request = request with { Candidates = isGiven ? items : null };
        }
        else if (JsonFields.Is(ref reader, "seen"u8))
        {
            reader.Read();
            SeenRule? rule = null;
            problem = JsonFields.Once(ref seen, 11, "seen") ?? ReadSeen(ref reader, out rule);
            request = request with { Seen = rule };
        }
        else
        {
            problem = JsonFields.Unknown(ref reader, Fields);
        }

        return problem;
    }

    private static FieldProblem? ReadCount(ref Utf8JsonReader reader, ref SlateRequest request)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out int count) || count is < 1 or > Limits.SlateMax)
        {
            return new FieldProblem("count", $"must be a whole number from 1 to {Limits.SlateMax}");
        }

        request = request with { Count = count };
        return null;
    }

    private static FieldProblem? ReadSeen(ref Utf8JsonReader reader, out SeenRule? rule)
    {
        rule = null;
        if (JsonFields.ReadText(ref reader, "seen", Limits.TextBytesMax, out string? text) is { } problem)
        {
            return problem;
        }

        rule = text is null ? null : SeenRuleNames.Parse(text);
        return text is null || rule is not null ? null : new FieldProblem("seen", $"must be one of {string.Join(", ", SeenRuleNames.All)}");
    }

    private static FieldProblem? ReadAfter(ref Utf8JsonReader reader, ref SlateRequest request)
    {
        if (JsonFields.ReadText(ref reader, "after", RecSysServerOptions.RequestLineBytesMax, out string? text) is { } problem)
        {
            return problem;
        }

        LogPosition? after = null;
        if (text is not null && !LogPosition.TryParse(text, out after))
        {
            return new FieldProblem("after", "must be a position from the answer to a write");
        }

        request = request with { After = after };
        return null;
    }

    private static FieldProblem? ReadItems(ref Utf8JsonReader reader, string field, int countMax, out ImmutableArray<ItemId> items)
    {
        items = [];
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return new FieldProblem(field, "must be an array of item ids");
        }

        ImmutableArray<ItemId>.Builder list = ImmutableArray.CreateBuilder<ItemId>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (list.Count == countMax)
            {
                return new FieldProblem(field, $"has more than {countMax} items");
            }

            if (JsonFields.ReadId(ref reader, $"{field}[{list.Count}]", out ItemId? id) is { } problem)
            {
                return problem;
            }

            list.Add(id!.Value);
        }

        items = list.ToImmutable();
        return null;
    }
}
