using System.Text.Json;
using RecSys.Client;

namespace RecSys.Cli.Import;

/// <summary>The folder of a newer MovieLens: <c>movies.csv</c>, <c>ratings.csv</c> and, if present, <c>tags.csv</c>.</summary>
internal static class MovieLensFormat
{
    private const string NoGenres = "(no genres listed)";

    /// <summary>The most tags of one film that become its label.</summary>
    private const int TagsMax = 32;

    /// <summary>The data set's files, films first.</summary>
    /// <exception cref="CommandException">The folder lacks one of them.</exception>
    public static IReadOnlyList<ImportPart> Parts(string folder)
    {
        string tags = Path.Combine(folder, "tags.csv");
        return
        [
            new(
                ImportKind.Items,
                Files.Require(folder, "movies.csv"),
                stream =>
                {
                    Dictionary<string, SortedSet<string>> tagsOf = File.Exists(tags) ? Tags(tags) : [];
                    return CsvRows.Read(stream, headers => Movies(headers, tagsOf));
                }),
            CsvFormat.Part(ImportKind.Interactions, Files.Require(folder, "ratings.csv"), ColumnMap.Parse("userId=userId,itemId=movieId,value=rating"), "rating"),
        ];
    }

    private static Func<string[], (object? Body, string? Problem)> Movies(
        IReadOnlyList<string> headers, Dictionary<string, SortedSet<string>> tagsOf)
    {
        ColumnMap columns = ColumnMap.Find(headers, ["itemId", "title", "categories"], ["itemId", "title", "categories"], ColumnMap.Parse("itemId=movieId"));
        return fields =>
        {
            string id = fields[columns["itemId"]];
            string genres = fields[columns["categories"]];
            return (
                new ItemRow
                {
                    ItemId = id,
                    Title = fields[columns["title"]],
                    Categories = genres == NoGenres ? [] : genres.Split('|', StringSplitOptions.RemoveEmptyEntries),
                    Labels = tagsOf.TryGetValue(id, out SortedSet<string>? tags)
                        ? new Dictionary<string, JsonElement>(StringComparer.Ordinal) { ["tags"] = Fields.Label([.. tags.Take(TagsMax)]) }
                        : null,
                },
                null);
        };
    }

    private static Dictionary<string, SortedSet<string>> Tags(string path)
    {
        Dictionary<string, SortedSet<string>> tagsOf = new(StringComparer.Ordinal);
        using FileStream stream = File.OpenRead(path);
        foreach (ImportRow row in CsvRows.Read(
            stream,
            headers =>
            {
                ColumnMap columns = ColumnMap.Find(headers, ["itemId", "text"], ["itemId", "text"], ColumnMap.Parse("itemId=movieId,text=tag"));
                return fields => ((fields[columns["itemId"]], fields[columns["text"]]), null);
            }))
        {
            if (row.Body is (string id, string tag))
            {
                if (!tagsOf.TryGetValue(id, out SortedSet<string>? tags))
                {
                    tagsOf[id] = tags = new SortedSet<string>(StringComparer.OrdinalIgnoreCase);
                }

                tags.Add(tag.Trim());
            }
        }

        return tagsOf;
    }
}
