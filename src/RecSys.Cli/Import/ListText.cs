using System.Buffers;
using System.Text;
using System.Text.Json;

namespace RecSys.Cli.Import;

/// <summary>Lists that are written in one field: <c>a|b</c>, <c>a; b</c>, <c>a, b</c>, <c>['a', 'b']</c> or an array of JSON.</summary>
internal static class ListText
{
    /// <summary>The largest number of words of an entry of a list separated by comma or semicolon: longer ones are sentences.</summary>
    private const int WordsMax = 4;

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.,'+- €$£%");

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 8 };

    /// <summary>Reads a list.</summary>
    /// <param name="text">Text of the field.</param>
    /// <param name="separator"><see cref="ImportOptions.ListSeparator"/>.</param>
    /// <returns>The entries, trimmed, without empty ones; null if the field is not a list.</returns>
    public static string[]? Read(string text, char? separator)
    {
        if (text.Length >= 2 && text[0] == '[' && text[^1] == ']')
        {
            return Filled(ReadJson(text) ?? ReadPython(text));
        }

        char used = separator
            ?? (text.Contains('|', StringComparison.Ordinal) ? '|'
            : text.Contains(';', StringComparison.Ordinal) ? ';'
            : ',');
        if (used == '\0' || !text.Contains(used, StringComparison.Ordinal))
        {
            return null;
        }

        return text.Split(used, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    /// <summary>Reads a list of a field that may as well be a text: entries of a list are short, and a number with a comma is not a list.</summary>
    public static string[]? ReadShort(string text, char? separator)
    {
        if (separator is not null || text.StartsWith('[') || text.Contains('|', StringComparison.Ordinal))
        {
            return Read(text, separator);
        }

        bool isNumber = text.AsSpan().ContainsAnyInRange('0', '9') && !text.AsSpan().ContainsAnyExcept(NumberCharacters);
        string[]? entries = isNumber || text.Contains("://", StringComparison.Ordinal) ? null : Read(text, separator);
        return entries?.All(entry => entry.Split(' ').Length <= WordsMax && entry[^1] is not ('.' or '!' or '?')) == true ? entries : null;
    }

    /// <summary>Reads an array of JSON; nested arrays are flattened, and null is left out.</summary>
    /// <returns>The entries; null if the text is not an array of strings, numbers and flags.</returns>
    public static string[]? ReadJson(string text)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(text, Options);
            List<string> entries = [];
            return Flatten(json.RootElement, entries) ? [.. entries] : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Returns the name of the first member of an object of JSON whose value is a text or a number, or that has such a member itself, as a path such as <c>name.de</c>; null if there is none.</summary>
    public static string? FirstMember(string text)
    {
        using JsonDocument json = JsonDocument.Parse(text, Options);
        return Find(json.RootElement);

        static string? Find(JsonElement element)
        {
            foreach (JsonProperty member in element.EnumerateObject())
            {
                if (member.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number)
                {
                    return member.Name;
                }

                if (member.Value.ValueKind == JsonValueKind.Object && Find(member.Value) is { } inner)
                {
                    return $"{member.Name}.{inner}";
                }
            }

            return null;
        }
    }

    private static string[]? Filled(string[]? entries) => entries is null ? null : [.. entries.Select(entry => entry.Trim()).Where(entry => entry.Length > 0)];

    private static bool Flatten(JsonElement element, List<string> entries)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Array:
                foreach (JsonElement entry in element.EnumerateArray())
                {
                    if (!Flatten(entry, entries))
                    {
                        return false;
                    }
                }

                return true;
            case JsonValueKind.Null:
                return true;
            case JsonValueKind.Object:
                return false;
            default:
                entries.Add(element.ToString());
                return true;
        }
    }

    // As Python prints a list: quotes of either kind, a backslash before a quote within.
    private static string[]? ReadPython(string text)
    {
        List<string> entries = [];
        StringBuilder entry = new();
        int at = 1;
        int end = text.Length - 1;
        while (true)
        {
            while (at < end && text[at] is ' ' or ',')
            {
                at++;
            }

            if (at >= end)
            {
                return [.. entries];
            }

            entry.Clear();
            if (text[at] is '\'' or '"')
            {
                char quote = text[at++];
                while (at < end && text[at] != quote)
                {
                    at += text[at] == '\\' && at + 1 < end ? 1 : 0;
                    entry.Append(text[at++]);
                }

                if (at >= end)
                {
                    return null;
                }

                at++;
            }
            else
            {
                while (at < end && text[at] != ',')
                {
                    entry.Append(text[at++]);
                }
            }

            entries.Add(entry.ToString());
        }
    }
}
