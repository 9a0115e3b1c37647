using System.Text.Json;
using RecSys.Client;

namespace RecSys.Cli.Import;

/// <summary>The folder of a newer MovieLens data set: <c>movies.csv</c>, <c>ratings.csv</c> and, if present, <c>tags.csv</c>.</summary>
internal static class MovieLensFormat
{
    private const string NoGenres = "(no genres listed)";

    /// <summary>The largest number of tags of one film that become its label.</summary>
    private const int TagsMax = 32;

    private static readonly Field[] Films = [new("itemId", "movieid") { IsRequired = true }, new("title") { IsRequired = true }, new("categories", "genres") { IsRequired = true }];

    private static readonly Field[] TagsOfFilms = [new("itemId", "movieid") { IsRequired = true }, new("tag") { IsRequired = true }];

    /// <summary>Returns the data set's files, films first.</summary>
    /// <param name="folder">Path of the folder.</param>
    /// <param name="options">The options of the user.</param>
    /// <exception cref="CommandException">The folder lacks one of them.</exception>
    public static IReadOnlyList<ImportPart> Parts(string folder, ImportOptions options)
    {
        string films = Files.Require(folder, "movies.csv");
        string tags = Path.Combine(folder, "tags.csv");
        return
        [
            new RowsPart(ImportKind.Items, films, reading => Movies(films, File.Exists(tags) ? Tags(tags) : [], reading)),
            TablePart.Csv(ImportKind.Interactions, Files.Require(folder, "ratings.csv"), options),
        ];
    }

    private static IEnumerable<ImportRow> Movies(string path, Dictionary<string, SortedSet<string>> tagsOf, Reading reading)
    {
        (CsvTable table, ColumnMap columns) = Open(path, Films);
        foreach (TableRow row in table.Read(reading))
        {
            if (row.Problem is not null || row.Cells[columns["itemId"]].Text is not { } id)
            {
                yield return new ImportRow(row.Line, null, row.Problem ?? new RowProblem("itemId: is empty"));
                continue;
            }

            string genres = row.Cells[columns["categories"]].Text ?? "";
            yield return new ImportRow(
                row.Line,
                new ItemRow
                {
                    ItemId = id,
                    Title = row.Cells[columns["title"]].Text,
                    Categories = genres == NoGenres ? [] : genres.Split('|', StringSplitOptions.RemoveEmptyEntries),
                    Labels = tagsOf.TryGetValue(id, out SortedSet<string>? tags)
                        ? new Dictionary<string, JsonElement>(StringComparer.Ordinal) { ["tags"] = LabelValue.Of([.. tags.Take(TagsMax)]) }
                        : null,
                },
                null);
        }
    }

    private static Dictionary<string, SortedSet<string>> Tags(string path)
    {
        Dictionary<string, SortedSet<string>> tagsOf = new(StringComparer.Ordinal);
        (CsvTable table, ColumnMap columns) = Open(path, TagsOfFilms);
        foreach (TableRow row in table.Read(new Reading()))
        {
            if (row.Problem is null && row.Cells[columns["itemId"]].Text is { } id && row.Cells[columns["tag"]].Text is { } tag)
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

    private static (CsvTable Table, ColumnMap Columns) Open(string path, Field[] fields)
    {
        CsvTable table = CsvTable.Open(() => ImportFile.Open(path), hasQuotes: true, columns: null, separator: null);
        return (table, ColumnMap.Find(table.Columns, fields, ColumnMap.Parse(null), []));
    }
}
