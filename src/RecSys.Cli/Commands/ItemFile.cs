using System.Text;
using System.Text.Json;
using RecSys.Core;
using RecSys.Core.Log;

namespace RecSys.Cli.Commands;

/// <summary>Reads the catalogue of a data set for an evaluation of files.</summary>
/// <remarks>
/// Either CSV with a header that names the columns id (or itemId, movieId), title, and categories (or genres) separated by <c>|</c>; or one JSON object of
/// which each property is an item with the array of its categories.
/// </remarks>
internal static class ItemFile
{
    private static readonly string[] IdNames = ["id", "itemid", "item_id", "movieid"];
    private static readonly string[] CategoryNames = ["categories", "genres"];

    /// <summary>Reads a file.</summary>
    /// <exception cref="FormatException">The file has neither of the two forms; the message names the file and the problem.</exception>
    public static List<(ItemId Item, ItemContent Content)> Read(string path)
    {
        using StreamReader reader = File.OpenText(path);
        return reader.Peek() == '{' ? Json(path, reader.ReadToEnd()) : Csv(path, reader);
    }

    private static List<(ItemId, ItemContent)> Json(string path, string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return
            [
                .. document.RootElement.EnumerateObject().Select(item => (
                    IdOf(path, item.Name),
                    new ItemContent
                    {
                        Categories = [.. item.Value.EnumerateArray().Select(category => category.ToString()).Where(category => category.Length > 0).Distinct().Take(Limits.CategoriesMax)],
                    })),
            ];
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new FormatException($"{path}: is not a JSON object of items with arrays of categories ({error.Message})", error);
        }
    }

    private static List<(ItemId, ItemContent)> Csv(string path, StreamReader reader)
    {
        string[] header = [.. Fields(reader.ReadLine() ?? "")];
        int id = Find(header, IdNames);
        int title = Find(header, ["title"]);
        int categories = Find(header, CategoryNames);
        if (id < 0)
        {
            throw new FormatException($"{path}: the first line has none of the columns {string.Join(", ", IdNames)}");
        }

        List<(ItemId, ItemContent)> items = [];
        while (reader.ReadLine() is { } line)
        {
            string[] row = [.. Fields(line)];
            if (row.Length <= id)
            {
                continue;
            }

            items.Add((IdOf(path, row[id]), new ItemContent
            {
                Title = title >= 0 && title < row.Length ? row[title] : null,
                Categories = categories >= 0 && categories < row.Length
                    ? [.. row[categories].Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct().Take(Limits.CategoriesMax)]
                    : [],
            }));
        }

        return items;
    }

    // Fields of one line; a field in quotes may contain commas and, doubled, quotes.
    private static List<string> Fields(string line)
    {
        List<string> fields = [];
        StringBuilder field = new();
        bool isQuoted = false;
        for (int at = 0; at < line.Length; at++)
        {
            char letter = line[at];
            if (letter == '"' && isQuoted && at + 1 < line.Length && line[at + 1] == '"')
            {
                field.Append(letter);
                at++;
            }
            else if (letter == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (letter == ',' && !isQuoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else
            {
                field.Append(letter);
            }
        }

        fields.Add(field.ToString());
        return fields;
    }

    private static int Find(string[] header, string[] names) =>
        Array.FindIndex(header, field => names.Contains(field.Trim(), StringComparer.OrdinalIgnoreCase));

    private static ItemId IdOf(string path, string id) =>
        IdText.Problem(id) is { } problem ? throw new FormatException($"{path}: the id '{id}' {problem}") : new ItemId(id);
}
