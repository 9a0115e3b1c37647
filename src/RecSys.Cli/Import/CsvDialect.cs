namespace RecSys.Cli.Import;

/// <summary>The dialect of a CSV file.</summary>
/// <param name="Separator">Separates the fields of a row: one byte or more.</param>
/// <param name="HasQuotes">Whether a field may be quoted.</param>
internal sealed record CsvDialect(byte[] Separator, bool HasQuotes)
{
    /// <summary>The number of lines from which the separator is found.</summary>
    private const int LinesRead = 20;

    private const string ExcelMark = "sep=";

    private static readonly byte[][] Candidates = [[(byte)','], [(byte)';'], [(byte)'\t'], [(byte)'|']];

    /// <summary>Gets the separator's name.</summary>
    public string Name => Separator switch
    {
        [(byte)','] => "comma",
        [(byte)';'] => "semicolon",
        [(byte)'\t'] => "tab",
        [(byte)'|'] => "bar",
        _ => $"'{System.Text.Encoding.UTF8.GetString(Separator)}'",
    };

    /// <summary>Finds the separator: the one that gives the largest share of the first rows as many columns as the header; among equals, the one with the most columns.</summary>
    /// <param name="lines">The file at its beginning; its position is unchanged.</param>
    /// <param name="hasQuotes">Whether fields may be quoted.</param>
    /// <param name="separator">The separator, if the user named it; null to find it.</param>
    /// <returns>The dialect, and how many bytes of the file come before the header (blank lines, or Excel's line <c>sep=;</c>).</returns>
    public static (CsvDialect Dialect, int HeaderAt) Detect(LineReader lines, bool hasQuotes, byte[]? separator)
    {
        int begin = 0;
        int length;
        int next;
        while (lines.TryFind(begin, out length, out next) && !lines.IsTooLong && lines.Bytes(begin, length).Trim(" \t"u8).IsEmpty)
        {
            begin = next;
        }

        if (lines.IsTooLong || length == 0)
        {
            return (new CsvDialect(separator ?? Candidates[0], hasQuotes), begin);
        }

        ReadOnlySpan<byte> first = lines.Bytes(begin, length);
        if (length == ExcelMark.Length + 1 && System.Text.Encoding.ASCII.GetString(first[..^1]).Equals(ExcelMark, StringComparison.OrdinalIgnoreCase))
        {
            return (new CsvDialect(separator ?? [first[^1]], hasQuotes), next);
        }

        if (separator is not null)
        {
            return (new CsvDialect(separator, hasQuotes), begin);
        }

        List<byte[]> head = [];
        for (int at = begin; head.Count < LinesRead && lines.TryFind(at, out length, out next) && !lines.IsTooLong; at = next)
        {
            head.Add(lines.Bytes(at, length).ToArray());
        }

        return (new CsvDialect(Candidates.MaxBy(candidate => Score(head, new CsvDialect(candidate, hasQuotes)))!, hasQuotes), begin);
    }

    // Compared by the share of the rows that have as many columns as the header, and if it is equal, by the number of columns.
    private static (double Same, int Columns) Score(List<byte[]> lines, CsvDialect dialect)
    {
        CsvFields fields = new(dialect);
        int columns = lines.Count == 0 ? 0 : fields.Split(lines[0], 0);
        if (columns < 2)
        {
            return (0, columns);
        }

        int same = lines.Count(line => fields.Split(line, columns) == columns);
        return (Math.Round((double)same / lines.Count, 1), columns);
    }
}
