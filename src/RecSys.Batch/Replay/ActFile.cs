using System.Globalization;
using RecSys.Core;

namespace RecSys.Batch.Replay;

/// <summary>The form of a file of acts (interactions).</summary>
public enum ActFileForm
{
    /// <summary>The form is detected from the lines: <see cref="Rows"/> if there is a header or every line has the same number of fields, 2 to 4; otherwise <see cref="Lists"/>.</summary>
    Auto = 0,

    /// <summary>Each line is an act: user, item, and optionally value and time, or the columns that a header names.</summary>
    Rows = 1,

    /// <summary>Each line is a user: the user's id and the items in their order.</summary>
    Lists = 2,

    /// <summary>Each line is a session of an unnamed user: the items in their order.</summary>
    Sessions = 3,

    /// <summary>The form is detected as for <see cref="Auto"/>, but only a header or four fields in every line mean <see cref="Rows"/>, because most test files are lists.</summary>
    Test = 4,
}

/// <summary>An act of a file.</summary>
/// <param name="User">Id of the user.</param>
/// <param name="Item">Id of the item.</param>
public readonly record struct FileAct(string User, string Item)
{
    /// <summary>Gets the type, or null if the file has none.</summary>
    public string? Type { get; init; }

    /// <summary>Gets the value, or null if the file has none.</summary>
    public double? Value { get; init; }

    /// <summary>Gets the time in milliseconds since 1970, UTC, or null if the file has none.</summary>
    public long? TimeMs { get; init; }

    /// <summary>Gets the 0-based place of the act in a user's list; −1 for an act of a row or of a session.</summary>
    public int Place { get; init; } = -1;
}

/// <summary>Reads files of acts in the forms of published data sets.</summary>
public static class ActFile
{
    private const int FieldsOfRowMax = 4;

    // A time whose number is smaller, without its sign, is in seconds (until the year 5138); others are in milliseconds (from March 1973 on).
    private const double SecondsMax = 1e11;

    private static readonly char[] Separators = [' ', '\t', ','];
    private static readonly string[] UserNames = ["user", "userid", "user_id"];
    private static readonly string[] ItemNames = ["item", "itemid", "item_id", "movieid", "movie_id"];
    private static readonly string[] ValueNames = ["value", "rating"];
    private static readonly string[] TimeNames = ["time", "timestamp"];
    private static readonly string[] TypeNames = ["type", "event", "kind"];

    /// <summary>Reads the acts of a file.</summary>
    /// <param name="path">The path of the file, for error messages.</param>
    /// <param name="lines">The lines of the file; fields are separated by spaces, tabs or commas.</param>
    /// <param name="form">The form of the file.</param>
    /// <exception cref="FormatException">The file is empty, or a line has too few fields, an invalid id, or text where a number is expected. The message names the file and the line.</exception>
    public static List<FileAct> Read(string path, IReadOnlyList<string> lines, ActFileForm form)
    {
        ArgumentNullException.ThrowIfNull(lines);
        List<string[]> rows = [.. lines.Select(line => line.Split(Separators, StringSplitOptions.RemoveEmptyEntries))];
        int first = rows.FindIndex(row => row.Length > 0);
        if (first < 0)
        {
            throw new FormatException($"{path} is empty");
        }

        if (form is ActFileForm.Auto or ActFileForm.Rows or ActFileForm.Test && Columns.Of(rows[first]) is { } named)
        {
            return Rows(path, rows, first + 1, named);
        }

        if (form is ActFileForm.Auto or ActFileForm.Test)
        {
            int width = rows[first].Length;
            form = width <= FieldsOfRowMax && width >= (form == ActFileForm.Test ? FieldsOfRowMax : 2) && rows.TrueForAll(row => row.Length == 0 || row.Length == width) ? ActFileForm.Rows : ActFileForm.Lists;
        }

        return form == ActFileForm.Rows
            ? Rows(path, rows, first, new Columns(0, 1, rows[first].Length > 2 ? 2 : -1, rows[first].Length > 3 ? 3 : -1, -1))
            : Lists(path, rows, form == ActFileForm.Sessions);
    }

    /// <summary>Reads the questions of a file of prefixes. Each line has the items of a session so far, followed by the item that came next; fields are separated by spaces, tabs or commas.</summary>
    /// <exception cref="FormatException">A line has fewer than two items, or an invalid id. The message names the file and the line.</exception>
    public static List<(string[] Prefix, string Target)> Prefixes(string path, IReadOnlyList<string> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        List<(string[] Prefix, string Target)> prefixes = [];
        for (int line = 0; line < lines.Count; line++)
        {
            string[] items = lines[line].Split(Separators, StringSplitOptions.RemoveEmptyEntries);
            if (items.Length == 0)
            {
                continue;
            }

            if (items.Length < 2)
            {
                throw new FormatException(At(path, line, "has no prefix and target"));
            }

            foreach (string item in items)
            {
                Require(path, line, item);
            }

            prefixes.Add((items[..^1], items[^1]));
        }

        return prefixes;
    }

    private static List<FileAct> Rows(string path, List<string[]> rows, int from, Columns columns)
    {
        List<FileAct> acts = new(rows.Count);
        for (int line = from; line < rows.Count; line++)
        {
            string[] row = rows[line];
            if (row.Length == 0)
            {
                continue;
            }

            if (row.Length <= Math.Max(columns.User, columns.Item))
            {
                throw new FormatException(At(path, line, "has no user and item"));
            }

            double? number = NumberAt(columns.Time, "time");
            acts.Add(new FileAct(IdAt(columns.User), IdAt(columns.Item))
            {
                Value = NumberAt(columns.Value, "value"),
                TimeMs = number is { } time ? (long)(Math.Abs(time) < SecondsMax ? time * 1_000 : time) : null,
                Type = columns.Type >= 0 && columns.Type < row.Length ? row[columns.Type] : null,
            });

            string IdAt(int column)
            {
                Require(path, line, row[column]);
                return row[column];
            }

            double? NumberAt(int column, string what) =>
                column < 0 || column >= row.Length ? null
                : double.TryParse(row[column], NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number
                : throw new FormatException(At(path, line, $"has '{row[column]}' as {what}, which is not a number"));
        }

        return acts;
    }

    private static List<FileAct> Lists(string path, List<string[]> rows, bool areSessions)
    {
        List<FileAct> acts = [];
        for (int line = 0; line < rows.Count; line++)
        {
            string[] row = rows[line];
            if (row.Length == 0)
            {
                continue;
            }

            if (row.Length < 2 && !areSessions)
            {
                throw new FormatException(At(path, line, "has no user and item"));
            }

            foreach (string id in row)
            {
                Require(path, line, id);
            }

            string user = areSessions ? string.Create(CultureInfo.InvariantCulture, $"session-{line + 1:D9}") : row[0];
            for (int field = areSessions ? 0 : 1; field < row.Length; field++)
            {
                acts.Add(new FileAct(user, row[field]) { Place = areSessions ? -1 : field - 1 });
            }
        }

        return acts;
    }

    private static void Require(string path, int line, string id)
    {
        if (IdText.Problem(id) is { } problem)
        {
            throw new FormatException(At(path, line, $"has an id that {problem}"));
        }
    }

    private static string At(string path, int line, string problem) =>
        string.Create(CultureInfo.InvariantCulture, $"{path}: line {line + 1} {problem}");

    private sealed record Columns(int User, int Item, int Value, int Time, int Type)
    {
        public static Columns? Of(string[] header)
        {
            int user = Find(UserNames);
            int item = Find(ItemNames);
            return user < 0 || item < 0 ? null : new Columns(user, item, Find(ValueNames), Find(TimeNames), Find(TypeNames));

            int Find(string[] names) => Array.FindIndex(header, field => names.Contains(field.Trim('"'), StringComparer.OrdinalIgnoreCase));
        }
    }
}
