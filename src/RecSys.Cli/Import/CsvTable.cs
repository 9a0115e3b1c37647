using System.Text;

namespace RecSys.Cli.Import;

/// <summary>A CSV file of any columns.</summary>
/// <remarks>A row that cannot be read ends at its line, so that a wrong quote does not hide the rows after it.</remarks>
internal sealed class CsvTable : ITable
{
    /// <summary>The longest row, in bytes; the end of a quoted field is searched for within it.</summary>
    public const int RowBytesMax = 1 << 20;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Func<ImportFile> _open;
    private readonly CsvDialect _dialect;
    private readonly int _headerAt;
    private readonly bool _hasHeader;

    private CsvTable(Func<ImportFile> open, CsvDialect dialect, int headerAt, bool hasHeader, IReadOnlyList<string> columns, string format)
    {
        _open = open;
        _dialect = dialect;
        _headerAt = headerAt;
        _hasHeader = hasHeader;
        Columns = columns;
        Format = format;
    }

    /// <inheritdoc/>
    public string Format { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>Opens a file and reads its header.</summary>
    /// <param name="open">Opens the file, for each pass.</param>
    /// <param name="hasQuotes">Whether fields may be quoted.</param>
    /// <param name="columns">The names of the columns of a file without a header; null if its first line names them.</param>
    /// <param name="separator">The separator of fields; null to find it.</param>
    /// <exception cref="CommandException">The file has no header, or one that names no column.</exception>
    public static CsvTable Open(Func<ImportFile> open, bool hasQuotes, IReadOnlyList<string>? columns, byte[]? separator)
    {
        using ImportFile file = open();
        LineReader lines = new(file.Text, RowBytesMax);
        (CsvDialect dialect, int headerAt) = CsvDialect.Detect(lines, hasQuotes, separator);
        string format = string.Join(", ", new[] { dialect.Name, file.Encoding, file.Packing }.OfType<string>());
        if (columns is not null)
        {
            return new CsvTable(open, dialect, headerAt, hasHeader: false, columns, format);
        }

        int at = 0;
        int length;
        int next;
        int number = 1;
        while (true)
        {
            if (!lines.TryFind(at, out length, out next))
            {
                throw new CommandException(lines.Fault is { } fault ? $"the file cannot be read: {fault}" : "the file is empty: a header line is expected");
            }

            if (lines.IsTooLong)
            {
                throw new CommandException($"line {number}: the header is longer than {RowBytesMax} bytes");
            }

            if (at >= headerAt && !lines.Bytes(at, length).Trim(" \t"u8).IsEmpty)
            {
                break;
            }

            at = next;
            number++;
        }

        ReadOnlySpan<byte> line = lines.Bytes(at, length);
        CsvFields fields = new(dialect);
        int count = fields.Split(line, 0);
        byte[] buffer = [];
        List<string> names = [];
        for (int i = 0; i < count; i++)
        {
            try
            {
                names.Add(Strict.GetString(fields.Get(line, i, ref buffer)).Trim());
            }
            catch (DecoderFallbackException)
            {
                throw new CommandException($"line {number}: the header is not valid UTF-8; name the file's encoding, such as --encoding windows-1252");
            }
        }

        if (names.TrueForAll(LooksLikeData))
        {
            throw new CommandException(
                $"line {number} names no column: {string.Join(", ", names)}; add a header line, or name the columns with --columns userId,itemId,…", ExitCodes.WrongUsage);
        }

        return new CsvTable(open, dialect, at, hasHeader: true, names, format);
    }

    /// <inheritdoc/>
    public IEnumerable<TableRow> Read(Reading reading)
    {
        using ImportFile file = _open();
        RowReader rows = new(new LineReader(file.Text, RowBytesMax), _dialect, Columns.Count, reading);
        rows.Skip(_headerAt, _hasHeader);
        while (rows.TryRead(out TableRow row))
        {
            reading.Share = file.Share;
            yield return row;
        }
    }

    // A number, a time or an empty text is not a column's name.
    private static bool LooksLikeData(string name) => name.Length == 0 || char.IsAsciiDigit(name[0]) || (name[0] == '-' && name.Length > 1 && char.IsAsciiDigit(name[1]));

    /// <summary>Reads the rows one after another.</summary>
    private sealed class RowReader(LineReader lines, CsvDialect dialect, int columns, Reading reading)
    {
        private readonly CsvFields _fields = new(dialect);
        private readonly CsvFields _single = new(dialect);
        private readonly Cell[] _cells = new Cell[columns];
        private byte[] _buffer = new byte[256];
        private long _line;

        /// <summary>Skips the lines before the first row.</summary>
        public void Skip(int headerAt, bool hasHeader)
        {
            int at = 0;
            int length = 0;
            int next = 0;
            while (at < headerAt && lines.TryFind(at, out length, out next))
            {
                at = next;
                _line++;
            }

            if (hasHeader && lines.TryFind(at, out length, out next))
            {
                at = next;
                _line++;
            }

            lines.Advance(at);
        }

        public bool TryRead(out TableRow row)
        {
            while (lines.TryFind(0, out int length, out int next))
            {
                _line++;
                if (lines.IsTooLong)
                {
                    lines.Advance(next);
                    row = Refused($"the line is longer than {RowBytesMax} bytes");
                    return true;
                }

                if (lines.Bytes(0, length).Trim(" \t"u8).IsEmpty)
                {
                    lines.Advance(next);
                    continue;
                }

                row = ReadAt(length, next);
                return true;
            }

            reading.Fault = lines.Fault;
            row = default;
            return false;
        }

        private TableRow ReadAt(int length, int next)
        {
            long line = _line;
            int count = _fields.Split(lines.Bytes(0, length), columns);
            if (_fields.IsOpen)
            {
                if (TryReadOn(next, out int end, out int after, out int lineCount))
                {
                    reading.ManyLines++;
                    _line += lineCount;
                    return Row(line, lines.Bytes(0, end), columns, after);
                }

                // The search may have replaced the fields of the line.
                count = _fields.Split(lines.Bytes(0, length), columns);
            }

            reading.LiteralQuotes += count == columns && _fields.IsIrregular ? 1 : 0;
            return Row(line, lines.Bytes(0, length), count, next);
        }

        private TableRow Row(long line, ReadOnlySpan<byte> bytes, int count, int next)
        {
            RowProblem? problem =
                count == columns ? Decode(bytes)
                : count < 0 ? new RowProblem("a quote is not closed on its line, or is inside a field; double the quotes in it (\"\"), or use --quotes none to read quotes as ordinary characters")
                : new RowProblem($"has {count} fields instead of {columns}{Remedy(count)}");
            lines.Advance(next);
            return new TableRow(line, _cells, problem);
        }

        private string Remedy(int count) =>
            count == 1 && columns > 1 ? $"; the separator is {dialect.Name}, another one is named with --separator"
            : count > columns ? "; a field that contains the separator must be quoted"
            : "; a row needs a field for each column, which may be empty";

        private TableRow Refused(string problem) => new(_line, _cells, new RowProblem(problem));

        private RowProblem? Decode(ReadOnlySpan<byte> bytes)
        {
            for (int i = 0; i < _cells.Length; i++)
            {
                ReadOnlySpan<byte> field = _fields.Get(bytes, i, ref _buffer);
                try
                {
                    _cells[i] = field.IsEmpty ? default : new Cell(CellKind.Text, Strict.GetString(field));
                }
                catch (DecoderFallbackException)
                {
                    return new RowProblem($"column {i + 1} is not valid UTF-8; name the file's encoding, such as --encoding windows-1252");
                }
            }

            return null;
        }

        /// <summary>Searches for the end of a quoted field in the following lines; the fields are then those of all lines.</summary>
        /// <returns>False if there is none, or if the following lines are complete rows: the quote is then an ordinary character.</returns>
        private bool TryReadOn(int from, out int end, out int after, out int lineCount)
        {
            lineCount = 0;
            int rowsWithin = 0;
            int strayQuoteRows = StrayQuoteRows(_fields.OpenColumn);
            end = after = from;
            while (after < RowBytesMax && lines.TryFind(after, out int length, out int next) && !lines.IsTooLong)
            {
                int begin = after;
                lineCount++;
                end = after + length;
                after = next;
                rowsWithin += _single.Split(lines.Bytes(begin, length), columns) == columns ? 1 : 0;
                if (rowsWithin == lineCount && rowsWithin >= strayQuoteRows)
                {
                    return false;
                }

                if (lines.Bytes(begin, length).Count((byte)'"') % 2 == 1)
                {
                    if (_fields.TrySplitStrictly(lines.Bytes(0, end), columns))
                    {
                        return true;
                    }

                    if (!_fields.IsOpen)
                    {
                        return false;
                    }
                }
            }

            return false;
        }

        // Returns how many complete rows must follow an unclosed quote before the quote is read as an ordinary character. A line of a text may have as many separators
        // as a row, more often if there are few columns; a text rarely contains a tab. The line that ends a quoted field of the first column has as many separators as a row.
        private int StrayQuoteRows(int column) => dialect.Separator is [(byte)'\t'] ? (column == 0 ? 2 : 1) : columns switch
        {
            <= 2 => 8,
            3 => 4,
            4 => 3,
            _ => 2,
        };
    }
}
