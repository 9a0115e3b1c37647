using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace RecSys.Cli.Import;

/// <summary>A file with one JSON object per line; its columns are the members of all objects.</summary>
internal sealed class JsonLinesTable : ITable
{
    /// <summary>The longest line, in bytes.</summary>
    public const int LineBytesMax = 1 << 20;

    /// <summary>The largest number of different members that the objects of a file may have in all.</summary>
    public const int ColumnsMax = 1_024;

    private readonly Func<ImportFile> _open;
    private readonly List<string> _columns = [];
    private readonly Dictionary<string, int> _indexOf = new(StringComparer.Ordinal);
    private readonly List<byte[]> _names = [];
    private readonly List<(int Column, int Root, string[] Members)> _paths = [];

    private JsonLinesTable(Func<ImportFile> open, string format)
    {
        _open = open;
        Format = format;
    }

    /// <inheritdoc/>
    public string Format { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Columns => _columns;

    /// <summary>Opens a file and reads the names of its members.</summary>
    /// <param name="open">Opens the file, for each pass.</param>
    /// <param name="paths">Names that may be paths to members of objects, such as <c>user.id</c>: each becomes a column if the file has its object and no member of the whole name.</param>
    /// <exception cref="CommandException">The objects have too many members, or the file is one array.</exception>
    public static JsonLinesTable Open(Func<ImportFile> open, IReadOnlyList<string> paths)
    {
        using ImportFile file = open();
        JsonLinesTable table = new(open, string.Join(", ", new[] { "JSON lines", file.Encoding, file.Packing }.OfType<string>()));
        LineReader lines = new(file.Text, LineBytesMax);
        Cell[] cells = [];
        bool isFirst = true;
        for (; lines.TryFind(0, out int length, out int next); lines.Advance(next))
        {
            ReadOnlySpan<byte> line = lines.IsTooLong ? lines.Bytes(0, 1) : lines.Bytes(0, length).Trim(" \t"u8);
            if (isFirst && line is [(byte)'[', ..])
            {
                throw new CommandException("the file is one JSON array; each line must contain one object, as this command writes it: jq -c '.[]' FILE > FILE.jsonl");
            }

            isFirst &= line.IsEmpty;
            if (!lines.IsTooLong)
            {
                table.Parse(lines.Bytes(0, length), ref cells, addsColumns: true);
            }
        }

        foreach (string path in paths)
        {
            string[] names = path.Split('.');
            if (names.Length > 1 && !table._indexOf.ContainsKey(path) && table._indexOf.TryGetValue(names[0], out int root))
            {
                table._paths.Add((table._columns.Count, root, names[1..]));
                table.AddColumn(path);
            }
        }

        return table;
    }

    /// <inheritdoc/>
    public IEnumerable<TableRow> Read(Reading reading)
    {
        using ImportFile file = _open();
        LineReader lines = new(file.Text, LineBytesMax);
        Cell[] cells = new Cell[_columns.Count];
        long number = 0;
        for (; lines.TryFind(0, out int length, out int next); lines.Advance(next))
        {
            number++;
            reading.Share = file.Share;
            if (lines.IsTooLong)
            {
                yield return new TableRow(number, cells, new RowProblem($"the line is longer than {LineBytesMax} bytes"));
            }
            else if (!lines.Bytes(0, length).Trim(" \t"u8).IsEmpty)
            {
                yield return new TableRow(number, cells, Parse(lines.Bytes(0, length), ref cells, addsColumns: false));
            }
        }

        reading.Fault = lines.Fault;
    }

    private RowProblem? Parse(ReadOnlySpan<byte> line, ref Cell[] cells, bool addsColumns)
    {
        Array.Clear(cells);
        try
        {
            Utf8JsonReader reader = new(line);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return new RowProblem(
                    reader.TokenType == JsonTokenType.StartArray
                        ? "is an array; each line contains one object, without commas between lines"
                        : "is not a JSON object");
            }

            int expected = 0;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                int column = IndexOf(ref reader, expected, ref cells, addsColumns);
                expected = column + 1;
                reader.Read();
                if (column >= 0 && cells[column].Kind != CellKind.Absent)
                {
                    return new RowProblem($"'{_columns[column]}' is given twice");
                }

                Cell cell = CellOf(ref reader, line, addsColumns);
                if (column >= 0)
                {
                    cells[column] = cell;
                }
            }

            reader.Read(); // throws if anything but white space follows the object
            foreach ((int column, int root, string[] members) in _paths)
            {
                cells[column] = MemberOf(cells[root], members);
            }

            return null;
        }
        catch (JsonException error)
        {
            return Utf8.IsValid(line) ? new RowProblem("is not valid JSON", $"is not valid JSON at byte {error.BytePositionInLine + 1}; each line contains one complete object, without a comma after it, and no NaN") : new RowProblem("is not valid UTF-8; name the file's encoding, such as --encoding windows-1252");
        }
        catch (InvalidOperationException)
        {
            return new RowProblem("is not valid UTF-8, or contains half of a surrogate pair; name the file's encoding, such as --encoding windows-1252");
        }
    }

    private int IndexOf(ref Utf8JsonReader reader, int expected, ref Cell[] cells, bool addsColumns)
    {
        // Members are usually in the same order.
        if (expected < _names.Count && reader.ValueTextEquals(_names[expected]))
        {
            return expected;
        }

        string name = reader.GetString()!;
        if (_indexOf.TryGetValue(name, out int index))
        {
            return index;
        }

        if (!addsColumns)
        {
            return -1;
        }

        if (_columns.Count == ColumnsMax)
        {
            throw new CommandException($"the objects have more than {ColumnsMax} members in all; nest those that are not needed, or leave them out");
        }

        AddColumn(name);
        Array.Resize(ref cells, _columns.Count);
        return _columns.Count - 1;
    }

    private void AddColumn(string name)
    {
        _indexOf[name] = _columns.Count;
        _columns.Add(name);
        _names.Add(Encoding.UTF8.GetBytes(name));
    }

    // Returns the value of a path of members below an object; absent if it is not there.
    private static Cell MemberOf(Cell cell, string[] members)
    {
        if (cell.Kind != CellKind.Object)
        {
            return default;
        }

        using JsonDocument json = JsonDocument.Parse(cell.Text!);
        JsonElement element = json.RootElement;
        foreach (string member in members)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(member, out element))
            {
                return default;
            }
        }

        return element.ValueKind switch
        {
            JsonValueKind.String => Cell.Of(element.GetString()!),
            JsonValueKind.Number => new Cell(CellKind.Number, element.GetRawText()),
            JsonValueKind.True => new Cell(CellKind.Flag, "true"),
            JsonValueKind.False => new Cell(CellKind.Flag, "false"),
            JsonValueKind.Array => new Cell(CellKind.Array, element.GetRawText()),
            JsonValueKind.Object => new Cell(CellKind.Object, element.GetRawText()),
            _ => default,
        };
    }

    private static Cell CellOf(ref Utf8JsonReader reader, ReadOnlySpan<byte> line, bool isSkipped)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return isSkipped ? new Cell(CellKind.Text, "") : Cell.Of(reader.GetString()!);
            case JsonTokenType.Number:
                return new Cell(CellKind.Number, isSkipped ? "" : Encoding.UTF8.GetString(reader.ValueSpan));
            case JsonTokenType.True:
                return new Cell(CellKind.Flag, "true");
            case JsonTokenType.False:
                return new Cell(CellKind.Flag, "false");
            case JsonTokenType.StartArray or JsonTokenType.StartObject:
                CellKind kind = reader.TokenType == JsonTokenType.StartArray ? CellKind.Array : CellKind.Object;
                int start = (int)reader.TokenStartIndex;
                reader.Skip();
                return new Cell(kind, isSkipped ? "" : Encoding.UTF8.GetString(line[start..(int)reader.BytesConsumed]));
            default:
                return default;
        }
    }
}
