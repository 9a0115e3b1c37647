using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using RecSys.Client;
using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Server.Problems;

namespace RecSys.Server.Bodies;

/// <summary>Reads the values of fields from the bytes; each method starts at the value and returns the problem, or null.</summary>
internal static class JsonFields
{
    private const string TimeRule = "must be a time in the format of RFC 3339 with an offset, such as \"2026-01-31T23:59:59Z\", in the years 1 to 9999 (UTC)";

    /// <summary>Reads the next name of an object; returns false at its end.</summary>
    public static bool NextName(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    /// <summary>Compares the name or text at the reader's position; returns false if an escape in it is not valid Unicode.</summary>
    /// <remarks><see cref="Utf8JsonReader.ValueTextEquals(ReadOnlySpan{byte})"/> throws where an escape is half of a surrogate pair.</remarks>
    public static bool Is(ref Utf8JsonReader reader, ReadOnlySpan<byte> text) =>
        reader.ValueIsEscaped
            ? TextOf(ref reader) is { } value && value == Encoding.UTF8.GetString(text)
            : reader.ValueTextEquals(text);

    /// <summary>Returns a name or a text as a string; null if an escape in it is not valid Unicode.</summary>
    public static string? TextOf(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Returns the problem of the unknown field at the reader's position.</summary>
    public static FieldProblem Unknown(ref Utf8JsonReader reader, string known) =>
        TextOf(ref reader) is { } name
            ? new(name, $"is not a known field; known are {known}", ProblemCodes.UnknownField)
            : new("", "has a name that is not valid Unicode");

    /// <summary>Returns the problem of a field that is given twice, or null.</summary>
    public static FieldProblem? Once(ref uint seen, int bit, string field)
    {
        uint mask = 1u << bit;
        bool isRepeated = (seen & mask) != 0;
        seen |= mask;
        return isRepeated ? new FieldProblem(field, "is given more than once") : null;
    }

    /// <summary>Reads and checks a user's id.</summary>
    public static FieldProblem? ReadId(ref Utf8JsonReader reader, string field, out UserId? id)
    {
        FieldProblem? problem = ReadIdText(ref reader, field, out string text);
        id = problem is null && UserId.TryCreate(text, out UserId user) ? user : null;
        return problem ?? (id is null ? new FieldProblem(field, IdText.Problem(text)!) : null);
    }

    /// <summary>Reads and checks an item's id.</summary>
    public static FieldProblem? ReadId(ref Utf8JsonReader reader, string field, out ItemId? id)
    {
        FieldProblem? problem = ReadIdText(ref reader, field, out string text);
        id = problem is null && ItemId.TryCreate(text, out ItemId item) ? item : null;
        return problem ?? (id is null ? new FieldProblem(field, IdText.Problem(text)!) : null);
    }

    /// <summary>Reads an item's id, which may be one that an earlier version stored.</summary>
    public static FieldProblem? ReadStoredId(ref Utf8JsonReader reader, string field, out ItemId? id)
    {
        FieldProblem? problem = ReadIdText(ref reader, field, out string text);
        id = problem is null && ItemId.TryCreateStored(text, out ItemId item) ? item : null;
        return problem ?? (id is null ? new FieldProblem(field, IdText.Problem(text)!) : null);
    }

    /// <summary>Reads an id other than a user's or an item's.</summary>
    public static FieldProblem? ReadId(ref Utf8JsonReader reader, string field, out string id) =>
        ReadIdText(ref reader, field, out id) ?? (IdText.Problem(id) is { } problem ? new FieldProblem(field, problem) : null);

    private static FieldProblem? ReadIdText(ref Utf8JsonReader reader, string field, out string id)
    {
        id = "";
        if (reader.TokenType != JsonTokenType.String)
        {
            return new FieldProblem(field, $"must be a text of 1 to {Limits.IdBytesMax} bytes of UTF-8");
        }

        id = TextOf(ref reader) ?? "";
        return id.Length == 0 && reader.ValueSpan.Length > 0 ? new FieldProblem(field, "must be valid Unicode") : null;
    }

    /// <summary>Reads a text, or JSON null.</summary>
    public static FieldProblem? ReadText(ref Utf8JsonReader reader, string field, int bytesMax, out string? text)
    {
        text = null;
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType != JsonTokenType.String)
        {
            return new FieldProblem(field, "must be a text");
        }

        text = TextOf(ref reader);
        if (text is null)
        {
            return new FieldProblem(field, "must be valid Unicode");
        }

        int bytes = text.Length * 3 <= bytesMax ? 0 : Encoding.UTF8.GetByteCount(text);
        return bytes > bytesMax ? new FieldProblem(field, $"has {bytes} bytes of UTF-8; at most {bytesMax} are allowed") : null;
    }

    /// <summary>Reads a finite number, or JSON null.</summary>
    public static FieldProblem? ReadNumber(ref Utf8JsonReader reader, string field, out double? number)
    {
        number = null;
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetDouble(out double value) || !double.IsFinite(value))
        {
            return new FieldProblem(field, "must be a finite number");
        }

        number = value;
        return null;
    }

    /// <summary>Reads a price (<see cref="OfferRules"/>), or JSON null.</summary>
    public static FieldProblem? ReadPrice(ref Utf8JsonReader reader, string field, out decimal? price)
    {
        price = null;
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        decimal value = 0;
        string? problem = reader.TokenType == JsonTokenType.Number ? OfferRules.ReadPrice(reader.ValueSpan, out value) : OfferRules.PriceRule;
        price = problem is null ? value : null;
        return problem is null ? null : new FieldProblem(field, problem);
    }

    /// <summary>Reads a number of pieces (<see cref="OfferRules"/>), or JSON null.</summary>
    public static FieldProblem? ReadStock(ref Utf8JsonReader reader, string field, out int? stock)
    {
        stock = null;
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out int value) || value is < 0 or > Limits.StockMax)
        {
            return new FieldProblem(field, OfferRules.StockRule);
        }

        stock = value;
        return null;
    }

    /// <summary>Reads true, false, or JSON null.</summary>
    public static FieldProblem? ReadFlag(ref Utf8JsonReader reader, string field, out bool? flag)
    {
        flag = reader.TokenType switch
        {
            JsonTokenType.True => true,
            JsonTokenType.False => false,
            _ => null,
        };
        return flag is null && reader.TokenType != JsonTokenType.Null ? new FieldProblem(field, "must be true or false") : null;
    }

    /// <summary>Reads a time as milliseconds since 1970, UTC, or JSON null.</summary>
    public static FieldProblem? ReadTime(ref Utf8JsonReader reader, string field, out long? milliseconds)
    {
        milliseconds = null;
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        long value = 0;
        bool isTime = reader.TokenType == JsonTokenType.String
            && (reader.ValueIsEscaped
                ? Rfc3339.TryParse(TextOf(ref reader) ?? "", out value)
                : Rfc3339.TryParse(reader.ValueSpan, out value));
        if (!isTime)
        {
            return new FieldProblem(field, TimeRule);
        }

        milliseconds = value;
        return null;
    }

    /// <summary>Reads an array of texts, or JSON null.</summary>
    public static FieldProblem? ReadTexts(
        ref Utf8JsonReader reader, string field, int countMax, int bytesMax, out ImmutableArray<string>? texts)
    {
        texts = null;
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return new FieldProblem(field, "must be an array of texts");
        }

        ImmutableArray<string>.Builder list = ImmutableArray.CreateBuilder<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (list.Count == countMax)
            {
                return new FieldProblem(field, $"has more than {countMax} entries");
            }

            string entry = $"{field}[{list.Count}]";
            if (ReadText(ref reader, entry, bytesMax, out string? text) is { } problem)
            {
                return problem;
            }

            if (string.IsNullOrEmpty(text))
            {
                return new FieldProblem(entry, "must be a text that is not empty");
            }

            list.Add(text);
        }

        texts = list.ToImmutable();
        return null;
    }

    /// <summary>Reads labels: values are texts, numbers, flags or arrays of texts, each kept as JSON; a null is kept in a patch, where it means removal, and ignored otherwise.</summary>
    public static FieldProblem? ReadLabels(
        ref Utf8JsonReader reader, string field, bool isPatch, out ImmutableSortedDictionary<string, string>? labels)
    {
        labels = null;
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return new FieldProblem(field, "must be an object");
        }

        ImmutableSortedDictionary<string, string>.Builder values = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        HashSet<string>? nulls = null;
        while (NextName(ref reader))
        {
            if (ReadName(ref reader, field, values.Count + (nulls?.Count ?? 0), out string name) is { } badName)
            {
                return badName;
            }

            string path = $"{field}.{name}";
            reader.Read();
            if (ReadLabel(ref reader, path, out string json) is { } badValue)
            {
                return badValue;
            }

            bool isDropped = json == "null" && !isPatch;
            if (values.ContainsKey(name) || (isDropped && !(nulls ??= []).Add(name)) || (!isDropped && nulls?.Contains(name) == true))
            {
                return new FieldProblem(path, "is given more than once");
            }

            if (!isDropped)
            {
                values.Add(name, json);
            }
        }

        labels = values.ToImmutable();
        return null;
    }

    /// <summary>Reads an object of numbers.</summary>
    public static FieldProblem? ReadNumbers(
        ref Utf8JsonReader reader, string field, out ImmutableSortedDictionary<string, double>? numbers)
    {
        numbers = null;
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return new FieldProblem(field, "must be an object of numbers");
        }

        ImmutableSortedDictionary<string, double>.Builder values = ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        while (NextName(ref reader))
        {
            if (ReadName(ref reader, field, values.Count, out string name) is { } badName)
            {
                return badName;
            }

            string path = $"{field}.{name}";
            reader.Read();
            if (ReadNumber(ref reader, path, out double? number) is { } badNumber)
            {
                return badNumber;
            }

            if (number is null)
            {
                return new FieldProblem(path, "must be a finite number");
            }

            if (!values.TryAdd(name, number.Value))
            {
                return new FieldProblem(path, "is given more than once");
            }
        }

        numbers = values.ToImmutable();
        return null;
    }

    private static bool TryAdd(this ImmutableSortedDictionary<string, double>.Builder values, string name, double value)
    {
        bool isNew = !values.ContainsKey(name);
        values[name] = value;
        return isNew;
    }

    private static FieldProblem? ReadName(ref Utf8JsonReader reader, string field, int count, out string name)
    {
        string? text = TextOf(ref reader);
        name = text ?? "";
        return count == Limits.LabelsMax ? new FieldProblem(field, $"has more than {Limits.LabelsMax} entries")
            : text is null ? new FieldProblem(field, "has a name that is not valid Unicode")
            : IdText.NameProblem(text) is { } problem ? new FieldProblem(field, $"has a name that {problem}")
            : null;
    }

    private static FieldProblem? ReadLabel(ref Utf8JsonReader reader, string path, out string json)
    {
        json = "";
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                json = "null";
                return null;
            case JsonTokenType.True:
                json = "true";
                return null;
            case JsonTokenType.False:
                json = "false";
                return null;
            case JsonTokenType.Number:
                if (ReadNumber(ref reader, path, out _) is { } badNumber)
                {
                    return badNumber;
                }

                json = Encoding.UTF8.GetString(reader.ValueSpan);
                return LengthProblem(path, json);
            case JsonTokenType.String:
                if (ReadText(ref reader, path, Limits.TextBytesMax, out string? text) is { } badText)
                {
                    return badText;
                }

                json = JsonSerializer.Serialize(text!, WireText.Default.String);
                return LengthProblem(path, json);
            case JsonTokenType.StartArray:
                if (ReadTexts(ref reader, path, Limits.LabelsMax, Limits.TextBytesMax, out ImmutableArray<string>? texts) is { } badTexts)
                {
                    return badTexts;
                }

                json = JsonSerializer.Serialize([.. texts!.Value], WireText.Default.StringArray);
                return LengthProblem(path, json);
            default:
                return new FieldProblem(path, "must be a text, a number, true, false, or an array of texts");
        }

        // A label is stored as JSON: its size includes the escapes.
        static FieldProblem? LengthProblem(string path, string json)
        {
            int bytes = json.Length * 3 <= Limits.TextBytesMax ? 0 : Encoding.UTF8.GetByteCount(json);
            return bytes > Limits.TextBytesMax
                ? new FieldProblem(path, $"has {bytes} bytes of JSON; at most {Limits.TextBytesMax} are allowed")
                : null;
        }
    }
}
