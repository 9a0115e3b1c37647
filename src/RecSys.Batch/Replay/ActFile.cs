using System.Globalization;
using RecSys.Core;

namespace RecSys.Batch.Replay;

/// <summary>The form of a file of acts.</summary>
public enum ActFileForm
{
    /// <summary>Detected from the lines: a header, or 2 to 4 fields in every line, means rows; anything else means lists.</summary>
    Auto = 0,

    /// <summary>A line per act: user, item, and optionally value and time; or columns named by a header.</summary>
    Rows = 1,

    /// <summary>A line per user: the user and the items in their order.</summary>
    Lists = 2,

    /// <summary>A line per session of an unnamed user: the items in their order.</summary>
    Sessions = 3,

    /// <summary>As <see cref="Auto"/>, but only a header or four fields in every line are rows: test files are mostly lists.</summary>
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

    /// <summary>Gets the place of the act in a user's list, from 0; −1 for a row, and in a session.</summary>
    public int Place { get; init; } = -1;
}

/// <summary>Reads files of acts, in the forms of published data sets for evaluation.</summary>
public static class ActFile
{
    private const int FieldsOfRowMax = 4;

    // A smaller number is a time in seconds, before the year 5138; a larger one is in milliseconds, after March 1973.
    private const double SecondsMax = 1e11;

    private static readonly char[] Separators = [' ', '\t', ','];
    private static readonly string[] UserNames = ["user", "userid", "user_id"];
    private static readonly string[] ItemNames = ["item", "itemid", "item_id", "movieid", "movie_id"];
    private static readonly string[] ValueNames = ["value", "rating"];
    private static readonly string[] TimeNames = ["time", "timestamp"];
    private static readonly string[] TypeNames = ["type", "event", "kind"];

    /// <summary>Reads the acts of a file.</summary>
    /// <param name="path">Path of the file, for error messages.</param>
    /// <param name="lines">Lines of the file; fields are separated by white space or commas.</param>
    /// <param name="form">Form of the lines.</param>
    /// <exception cref="FormatException">A line has too few fields, no id, or no number where one is expected; the text names the file and the line.</exception>
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

    /// <summary>Reads the questions of a file of prefixes: the items of a session so far, white space, and the item that followed.</summary>
    /// <exception cref="FormatException">A line has fewer than two items, or a wrong id; the text names the file and the line.</exception>
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

            double? seconds = NumberAt(columns.Time, "time");
            acts.Add(new FileAct(IdAt(columns.User), IdAt(columns.Item))
            {
                Value = NumberAt(columns.Value, "value"),
                TimeMs = seconds is { } time ? (long)(Math.Abs(time) < SecondsMax ? time * 1_000 : time) : null,
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
