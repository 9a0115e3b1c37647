using System.Collections.Immutable;
using System.Text.Json;
using RecSys.Core;
using RecSys.Core.Slates;
using RecSys.Core.Trends;
using RecSys.Server.Problems;

namespace RecSys.Server.Bodies;

/// <summary>Parses the body of a request for the shelves of a page.</summary>
internal static class PageParser
{
    private const string Fields = "userId, items, context, after, shelves";
    private const string ShelfFields = "name, kind, itemId, count, category, window, scenario, exclude, diversity, seen";

    // Bits of the fields that a slate does not have; RecommendationParser uses lower bits for the fields of a slate.
    private const int ShelvesBit = 20;
    private const int NameBit = 21;
    private const int KindBit = 22;
    private const int ItemBit = 23;
    private const int WindowBit = 24;

    private static readonly string[] SlateFieldsOfPage = ["userId", "items", "context", "after"];
    private static readonly string[] SlateFieldsOfShelf = ["count", "category", "scenario", "exclude", "diversity", "seen"];

    /// <summary>The windows' names in the API, by ascending half-life.</summary>
    public static readonly string[] WindowNames = ["hour", "day", "week", "allTime"];

    /// <summary>Returns the window with a name; null if there is none.</summary>
    public static TrendWindow? WindowOf(string? name) => name switch
    {
        "hour" => TrendWindow.Hour,
        "day" => TrendWindow.Day,
        "week" => TrendWindow.Week,
        "allTime" => TrendWindow.AllTime,
        _ => null,
    };

    /// <summary>Reads a whole body; returns its problem, or null.</summary>
    public static FieldProblem? TryRead(ReadOnlySpan<byte> bytes, out PageRequest page)
    {
        page = new PageRequest { Shelves = [] };
        SlateRequest common = new();
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
                if (ReadField(ref reader, ref seen, ref common, ref page) is { } problem)
                {
                    return problem;
                }
            }

            reader.Read(); // throws if anything follows the object
        }
        catch (JsonException exception)
        {
            return RequestBody.Broken(exception, bytes);
        }

        page = page with { User = common.User, Items = common.Items, Context = common.Context, After = common.After };
        return page.Problem() is { } wrong ? new FieldProblem(wrong.Field, wrong.Text) : null;
    }

    private static FieldProblem? ReadField(ref Utf8JsonReader reader, ref uint seen, ref SlateRequest common, ref PageRequest page)
    {
        if (JsonFields.Is(ref reader, "shelves"u8))
        {
            reader.Read();
            return JsonFields.Once(ref seen, ShelvesBit, "shelves") ?? ReadShelves(ref reader, ref page);
        }

        return IsOneOf(ref reader, SlateFieldsOfPage)
            ? RecommendationParser.ReadField(ref reader, ref seen, ref common)
            : JsonFields.Unknown(ref reader, Fields);
    }

    private static FieldProblem? ReadShelves(ref Utf8JsonReader reader, ref PageRequest page)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return new FieldProblem("shelves", "must be an array of shelves");
        }

        ImmutableArray<ShelfRequest>.Builder shelves = ImmutableArray.CreateBuilder<ShelfRequest>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (shelves.Count == PageRequest.ShelvesMax)
            {
                return new FieldProblem("shelves", $"has more than {PageRequest.ShelvesMax} shelves");
            }

            if (ReadShelf(ref reader, out ShelfRequest shelf) is { } problem)
            {
                return problem.In($"shelves[{shelves.Count}]");
            }

            shelves.Add(shelf);
        }

        page = page with { Shelves = shelves.ToImmutable() };
        return null;
    }

    private static FieldProblem? ReadShelf(ref Utf8JsonReader reader, out ShelfRequest shelf)
    {
        shelf = new ShelfRequest("");
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return new FieldProblem("", "must be an object");
        }

        uint seen = 0;
        while (JsonFields.NextName(ref reader))
        {
            if (ReadShelfField(ref reader, ref seen, ref shelf) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private static FieldProblem? ReadShelfField(ref Utf8JsonReader reader, ref uint seen, ref ShelfRequest shelf)
    {
        FieldProblem? problem;
        if (JsonFields.Is(ref reader, "name"u8))
        {
            reader.Read();
            string? name = null;
            problem = JsonFields.Once(ref seen, NameBit, "name") ?? JsonFields.ReadText(ref reader, "name", Limits.TextBytesMax, out name);
            shelf = shelf with { Name = name ?? "" };
        }
        else if (JsonFields.Is(ref reader, "kind"u8))
        {
            reader.Read();
            string? word = null;
            problem = JsonFields.Once(ref seen, KindBit, "kind") ?? ReadWord(ref reader, "kind", ShelfKindNames.All, out word);
            shelf = shelf with { Kind = problem is null && word is not null ? ShelfKindNames.Parse(word)!.Value : ShelfKind.Recommended };
        }
        else if (JsonFields.Is(ref reader, "itemId"u8))
        {
            reader.Read();
            ItemId? item = null;
            problem = JsonFields.Once(ref seen, ItemBit, "itemId")
                ?? (reader.TokenType == JsonTokenType.Null ? null : JsonFields.ReadId(ref reader, "itemId", out item));
            shelf = shelf with { Item = item };
        }
        else if (JsonFields.Is(ref reader, "window"u8))
        {
            reader.Read();
            string? word = null;
            problem = JsonFields.Once(ref seen, WindowBit, "window") ?? ReadWord(ref reader, "window", WindowNames, out word);
            shelf = shelf with { Window = problem is null ? WindowOf(word) : null };
        }
        else if (IsOneOf(ref reader, SlateFieldsOfShelf))
        {
            SlateRequest slate = shelf.Slate;
            problem = RecommendationParser.ReadField(ref reader, ref seen, ref slate);
            shelf = shelf with { Slate = slate };
        }
        else
        {
            problem = JsonFields.Unknown(ref reader, ShelfFields);
        }

        return problem;
    }

    private static FieldProblem? ReadWord(ref Utf8JsonReader reader, string field, IReadOnlyList<string> words, out string? word) =>
        JsonFields.ReadText(ref reader, field, Limits.TextBytesMax, out word)
        ?? (word is null || words.Contains(word) ? null : new FieldProblem(field, $"must be one of {string.Join(", ", words)}"));

    private static bool IsOneOf(ref Utf8JsonReader reader, string[] names) =>
        JsonFields.TextOf(ref reader) is { } name && names.Contains(name, StringComparer.Ordinal);
}
