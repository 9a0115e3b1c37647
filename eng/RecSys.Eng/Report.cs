namespace RecSys.Eng;

/// <summary>A table that is printed line by line and, if asked for, written between the marks of its section in the documentation.</summary>
internal sealed class Report
{
    /// <summary>The document with the tables, as a path from the checkout's root.</summary>
    public const string File = "docs/reliability.md";

    private readonly string _section;
    private readonly bool _isWritten;
    private readonly List<string> _lines = [];

    private Report(string section, bool isWritten)
    {
        _section = section;
        _isWritten = isWritten;
    }

    private string Begin => $"<!-- begin: {_section} -->";

    private string End => $"<!-- end: {_section} -->";

    /// <summary>Starts a report of one section.</summary>
    public static Report Of(string section, bool isWritten) => new(section, isWritten);

    /// <summary>Returns the date of a report: today, UTC.</summary>
    public static string Date() => TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Adds a line.</summary>
    public void Line(string text)
    {
        _lines.Add(text);
        Console.Out.WriteLine(text);
    }

    /// <summary>Adds a row of a table.</summary>
    public void Row(params string[] cells) => Line($"| {string.Join(" | ", cells.Select(Cell))} |");

    /// <summary>Writes the lines into the document, if requested.</summary>
    /// <exception cref="InvalidDataException">The document lacks the section's marks.</exception>
    public void Save()
    {
        if (!_isWritten)
        {
            return;
        }

        string path = Path.Combine(Repository.Root, File);
        string text = System.IO.File.ReadAllText(path);
        int begin = text.IndexOf(Begin, StringComparison.Ordinal);
        int end = text.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin)
        {
            throw new InvalidDataException($"{File} lacks the marks {Begin} and {End}");
        }

        System.IO.File.WriteAllText(path, $"{text[..begin]}{Begin}\n{string.Join('\n', _lines)}\n{text[end..]}");
    }

    private static string Cell(string text) =>
        text.ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal).Trim();
}
