using System.Globalization;
using System.Text;
using System.Text.Json;
using RecSys.Client;

namespace RecSys.Cli.Import;

/// <summary>The folder of MovieLens 100K: <c>u.genre</c>, <c>u.item</c>, <c>u.user</c> and <c>u.data</c>.</summary>
internal static class MovieLens100KFormat
{
    private const int LineBytesMax = 4_096;

    /// <summary>The fields of <c>u.item</c> before its genre flags.</summary>
    private const int FieldsBeforeGenres = 5;

    /// <summary>Returns the data set's files, items and users first.</summary>
    /// <exception cref="CommandException">The folder lacks one of them.</exception>
    public static IReadOnlyList<ImportPart> Parts(string folder)
    {
        string[] genres = Genres(Files.Require(folder, "u.genre"));
        return
        [
            Part(ImportKind.Items, Files.Require(folder, "u.item"), (path, reading) => Rows(path, reading, fields => Item(fields, genres), '|')),
            Part(ImportKind.Users, Files.Require(folder, "u.user"), (path, reading) => Rows(path, reading, User, '|')),
            Part(ImportKind.Interactions, Files.Require(folder, "u.data"), InTime),
        ];
    }

    private static RowsPart Part(ImportKind kind, string path, Func<string, Reading, IEnumerable<ImportRow>> read) =>
        new(kind, path, reading => read(path, reading));

    // The ratings of the file are in no order, whereas a shop's log is in the order of time. There are only 100,000, so they are sorted in memory.
    private static IEnumerable<ImportRow> InTime(string path, Reading reading) =>
        Rows(path, reading, Interaction, '\t').OrderBy(row => (row.Body as InteractionBody)?.Timestamp ?? DateTimeOffset.MinValue);

    private static IEnumerable<ImportRow> Rows(string path, Reading reading, Func<string[], (object? Body, RowProblem? Problem)> make, char separator)
    {
        using ImportFile file = ImportFile.Open(path);
        LineReader lines = new(file.Text, LineBytesMax);
        long number = 0;
        for (; lines.TryFind(0, out int length, out int next); lines.Advance(next))
        {
            number++;
            reading.Share = file.Share;
            if (lines.IsTooLong)
            {
                yield return new ImportRow(number, null, new RowProblem($"the line is longer than {LineBytesMax} bytes"));
            }
            else if (length > 0)
            {
                (object? body, RowProblem? problem) = make(Encoding.Latin1.GetString(lines.Bytes(0, length)).Split(separator));
                yield return new ImportRow(number, body, problem);
            }
        }

        reading.Fault = lines.Fault;
    }

    private static string[] Genres(string path) =>
    [
        .. File.ReadLines(path, Encoding.Latin1)
            .Select(line => line.Split('|'))
            .Where(fields => fields.Length == 2 && int.TryParse(fields[1], out _))
            .OrderBy(fields => int.Parse(fields[1], CultureInfo.InvariantCulture))
            .Select(fields => fields[0]),
    ];

    private static (object? Body, RowProblem? Problem) Item(string[] fields, string[] genres)
    {
        if (fields.Length != FieldsBeforeGenres + genres.Length)
        {
            return (null, new RowProblem($"has {fields.Length} fields instead of {FieldsBeforeGenres + genres.Length}"));
        }

        Dictionary<string, JsonElement> labels = new(StringComparer.Ordinal);
        if (DateTime.TryParseExact(fields[2], "dd-MMM-yyyy", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime released))
        {
            labels["year"] = LabelValue.Of(released.Year);
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

    private static (object? Body, RowProblem? Problem) User(string[] fields) =>
        fields.Length != 5
            ? (null, new RowProblem($"has {fields.Length} fields instead of 5"))
            : (
                new UserRow
                {
                    UserId = fields[0],
                    Labels = new(StringComparer.Ordinal)
                    {
                        ["age"] = Numbers.PrintsAs(fields[1], out double age) ? LabelValue.Of(age) : LabelValue.Of(fields[1]),
                        ["gender"] = LabelValue.Of(fields[2]),
                        ["occupation"] = LabelValue.Of(fields[3]),
                    },
                },
                null);

    private static (object? Body, RowProblem? Problem) Interaction(string[] fields)
    {
        if (fields.Length != 4)
        {
            return (null, new RowProblem($"has {fields.Length} fields instead of 4"));
        }

        DateTimeOffset time = default;
        RowProblem? problem = Numbers.Read(fields[2], hasDecimalComma: false, out double rating)?.In("value") ?? TimeText.Read(fields[3], out time, out _)?.In("timestamp");
        return (
            problem is null ? new InteractionBody { UserId = fields[0], ItemId = fields[1], Type = "rating", Value = rating, Timestamp = time } : null,
            problem);
    }
}
