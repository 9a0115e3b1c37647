using System.Globalization;
using System.Text;
using System.Text.Json;
using RecSys.Client;

namespace RecSys.Cli.Import;

/// <summary>The folder of MovieLens 100K: <c>u.item</c>, <c>u.user</c> and <c>u.data</c>.</summary>
internal static class MovieLens100KFormat
{
    private const int LineBytesMax = 4_096;

    /// <summary>The fields of <c>u.item</c> before its genre flags.</summary>
    private const int FieldsBeforeGenres = 5;

    /// <summary>The data set's files, items and users first.</summary>
    /// <exception cref="CommandException">The folder lacks one of them.</exception>
    public static IReadOnlyList<ImportPart> Parts(string folder)
    {
        string[] genres = Genres(Files.Require(folder, "u.genre"));
        return
        [
            new(ImportKind.Items, Files.Require(folder, "u.item"), stream => Rows(stream, fields => Item(fields, genres), '|')),
            new(ImportKind.Users, Files.Require(folder, "u.user"), stream => Rows(stream, User, '|')),
            new(ImportKind.Interactions, Files.Require(folder, "u.data"), InTime),
        ];
    }

    // The ratings are in no order; a shop's log is in the order of time. There are only 100,000.
    private static IEnumerable<ImportRow> InTime(Stream stream) =>
        Rows(stream, Interaction, '\t').OrderBy(row => (row.Body as InteractionBody)?.Timestamp ?? DateTimeOffset.MinValue);

    private static IEnumerable<ImportRow> Rows(Stream stream, Func<string[], (object? Body, string? Problem)> make, char separator)
    {
        long number = 0;
        foreach (ReadOnlyMemory<byte>? line in Lines.Read(stream, LineBytesMax))
        {
            number++;
            if (line is not { } bytes)
            {
                yield return ImportRow.Refused(number, $"the line is longer than {LineBytesMax} bytes");
            }
            else if (bytes.Length > 0)
            {
                (object? body, string? problem) = make(Encoding.Latin1.GetString(bytes.Span).Split(separator));
                yield return new ImportRow(number, body, problem);
            }
        }
    }

    private static string[] Genres(string path) =>
    [
        .. File.ReadLines(path, Encoding.Latin1)
            .Select(line => line.Split('|'))
            .Where(fields => fields.Length == 2 && int.TryParse(fields[1], out _))
            .OrderBy(fields => int.Parse(fields[1], CultureInfo.InvariantCulture))
            .Select(fields => fields[0]),
    ];

    private static (object? Body, string? Problem) Item(string[] fields, string[] genres)
    {
        if (fields.Length != FieldsBeforeGenres + genres.Length)
        {
            return (null, $"has {fields.Length} fields instead of {FieldsBeforeGenres + genres.Length}");
        }

        Dictionary<string, JsonElement> labels = new(StringComparer.Ordinal);
        if (DateTime.TryParseExact(fields[2], "dd-MMM-yyyy", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime released))
        {
            labels["year"] = Fields.Label(released.Year.ToString(CultureInfo.InvariantCulture));
        }

        return (
            new ItemRow
            {
                ItemId = fields[0],
                Title = fields[1],
                Categories = [.. genres.Where((_, genre) => fields[FieldsBeforeGenres + genre] == "1")],
                Labels = labels.Count > 0 ? labels : null,
            },
            null);
    }

    private static (object? Body, string? Problem) User(string[] fields) =>
        fields.Length != 5
            ? (null, $"has {fields.Length} fields instead of 5")
            : (
                new UserRow
                {
                    UserId = fields[0],
                    Labels = new(StringComparer.Ordinal)
                    {
                        ["age"] = Fields.Label(fields[1]),
                        ["gender"] = Fields.Label(fields[2]),
                        ["occupation"] = Fields.Label(fields[3]),
                    },
                },
                null);

    private static (object? Body, string? Problem) Interaction(string[] fields)
    {
        if (fields.Length != 4)
        {
            return (null, $"has {fields.Length} fields instead of 4");
        }

        string? problem = Fields.Number(fields[2], out double rating) ?? Fields.Time(fields[3], out _);
        _ = Fields.Time(fields[3], out DateTimeOffset time);
        return (
            problem is null ? new InteractionBody { UserId = fields[0], ItemId = fields[1], Type = "rating", Value = rating, Timestamp = time } : null,
            problem);
    }
}
