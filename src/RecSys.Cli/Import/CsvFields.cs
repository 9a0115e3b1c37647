namespace RecSys.Cli.Import;

/// <summary>Splits the lines of a CSV file into fields.</summary>
/// <remarks>
/// A quoted field ends at a quote before a separator or the end of the line; two quotes in it mean one. Spaces next to a separator are not part of a field.
/// Where a line does not follow these rules, <see cref="Split"/> tries a backslash before a quote, then quotes within quoted fields, then reads quotes as ordinary characters: the first way
/// that gives the wanted number of fields is used.
/// </remarks>
internal sealed class CsvFields(CsvDialect dialect)
{
    private const byte Quote = (byte)'"';
    private const byte Backslash = (byte)'\\';
    private const byte Space = (byte)' ';

    private readonly byte[] _separator = dialect.Separator;
    private readonly bool _hasQuotes = dialect.HasQuotes;
    private FieldPlace[] _fields = new FieldPlace[16];
    private int _count;

    /// <summary>The ways of reading quotes.</summary>
    private enum Rule
    {
        Strict,
        Backslash,
        Lenient,
        Literal,
    }

    /// <summary>Gets whether the last line's unclosed quoted field may continue in the next line.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Gets the column of the unclosed field, from 0.</summary>
    public int OpenColumn { get; private set; }

    /// <summary>Gets whether the last line's quotes did not follow the rules.</summary>
    public bool IsIrregular { get; private set; }

    /// <summary>Splits a line.</summary>
    /// <param name="line">Bytes of the line, without its end.</param>
    /// <param name="wanted">The number of fields that a row has; 0 if it is not known.</param>
    /// <returns>The number of fields, or −1 if the quotes of the line cannot be read.</returns>
    public int Split(ReadOnlySpan<byte> line, int wanted)
    {
        IsOpen = IsIrregular = false;
        if (!_hasQuotes || !line.Contains(Quote))
        {
            TrySplit(line, Rule.Literal);
            return Trimmed(wanted);
        }

        if (TrySplit(line, Rule.Strict))
        {
            return Trimmed(wanted);
        }

        bool isOpen = IsOpen;
        OpenColumn = _count;
        foreach (Rule rule in (ReadOnlySpan<Rule>)[Rule.Backslash, Rule.Lenient, Rule.Literal])
        {
            if (TrySplit(line, rule) && (wanted == 0 || Trimmed(wanted) == wanted))
            {
                IsOpen = isOpen;
                IsIrregular = true;
                return Trimmed(wanted);
            }
        }

        IsOpen = isOpen;
        return -1;
    }

    /// <summary>Splits a row of several lines by the strict rule.</summary>
    /// <returns>Whether it gives the wanted number of fields.</returns>
    public bool TrySplitStrictly(ReadOnlySpan<byte> lines, int wanted) => TrySplit(lines, Rule.Strict) && Trimmed(wanted) == wanted;

    /// <summary>Gets a field of the line that was split last, without its quotes.</summary>
    /// <param name="line">Bytes of the line that was split last.</param>
    /// <param name="index">The field, from 0.</param>
    /// <param name="buffer">Grows as needed; receives the field if quotes are removed from it.</param>
    public ReadOnlySpan<byte> Get(ReadOnlySpan<byte> line, int index, ref byte[] buffer)
    {
        FieldPlace field = _fields[index];
        ReadOnlySpan<byte> bytes = line.Slice(field.Start, field.Length);
        if (!field.IsEscaped)
        {
            return bytes;
        }

        if (buffer.Length < bytes.Length)
        {
            buffer = new byte[bytes.Length];
        }

        int length = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            bool isEscape = i + 1 < bytes.Length && bytes[i + 1] == Quote && (bytes[i] == Quote || (field.HasBackslashEscapes && bytes[i] == Backslash));
            i += isEscape ? 1 : 0;
            buffer[length++] = bytes[i];
        }

        return buffer.AsSpan(0, length);
    }

    // Empty fields beyond the last column are ignored: some programs write separators there.
    private int Trimmed(int wanted)
    {
        int count = _count;
        while (wanted > 0 && count > wanted && _fields[count - 1].Length == 0)
        {
            count--;
        }

        return count;
    }

    private bool TrySplit(ReadOnlySpan<byte> line, Rule rule)
    {
        _count = 0;
        IsOpen = false;
        int at = 0;
        while (at <= line.Length)
        {
            at = SkipSpaces(line, at);
            bool isQuoted = rule != Rule.Literal && at < line.Length && line[at] == Quote;
            at = isQuoted ? AddQuoted(line, at + 1, rule) : AddPlain(line, at, unwraps: rule == Rule.Literal && _hasQuotes);
            if (at < 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <returns>Where the next field begins; beyond the end of the line if there is none.</returns>
    private int AddPlain(ReadOnlySpan<byte> line, int start, bool unwraps)
    {
        int length = line[start..].IndexOf(_separator);
        int end = length < 0 ? line.Length : start + length;
        int stop = end;
        while (stop > start && line[stop - 1] == Space)
        {
            stop--;
        }

        if (unwraps && stop - start >= 2 && line[start] == Quote && line[stop - 1] == Quote)
        {
            Add(start + 1, stop - start - 2, isEscaped: true, hasBackslashEscapes: false);
        }
        else
        {
            Add(start, stop - start, isEscaped: false, hasBackslashEscapes: false);
        }

        return end + _separator.Length;
    }

    /// <returns>Where the next field begins; beyond the end of the line if there is none; −1 if the field does not follow the rule.</returns>
    private int AddQuoted(ReadOnlySpan<byte> line, int start, Rule rule)
    {
        bool isEscaped = false;
        int at = start;
        while (true)
        {
            int found = line[at..].IndexOf(Quote);
            if (found < 0)
            {
                IsOpen = rule == Rule.Strict;
                return -1;
            }

            int quote = at + found;
            if (rule == Rule.Backslash && quote > start && line[quote - 1] == Backslash)
            {
                isEscaped = true;
                at = quote + 1;
                continue;
            }

            if (quote + 1 < line.Length && line[quote + 1] == Quote)
            {
                isEscaped = true;
                at = quote + 2;
                continue;
            }

            int after = SkipSpaces(line, quote + 1);
            if (after >= line.Length || line[after..].StartsWith(_separator))
            {
                Add(start, quote - start, isEscaped, rule == Rule.Backslash);
                return after + _separator.Length;
            }

            if (rule != Rule.Lenient)
            {
                return -1;
            }

            at = quote + 1;
        }
    }

    private int SkipSpaces(ReadOnlySpan<byte> line, int at)
    {
        while (at < line.Length && line[at] == Space && _separator[0] != Space)
        {
            at++;
        }

        return at;
    }

    private void Add(int start, int length, bool isEscaped, bool hasBackslashEscapes)
    {
        if (_count == _fields.Length)
        {
            Array.Resize(ref _fields, _count * 2);
        }

        _fields[_count++] = new FieldPlace(start, length, isEscaped, hasBackslashEscapes);
    }

    /// <summary>A field's place in the line.</summary>
    private readonly record struct FieldPlace(int Start, int Length, bool IsEscaped, bool HasBackslashEscapes);
}
