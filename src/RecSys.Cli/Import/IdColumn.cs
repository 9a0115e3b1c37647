using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace RecSys.Cli.Import;

/// <summary>Detects common mistakes in the ids of a column.</summary>
/// <param name="header">The column's name.</param>
internal sealed partial class IdColumn(string header)
{
    /// <summary>The largest number of distinct ids that are kept for comparison; later ids are compared only with these.</summary>
    public const int ComparedMax = 500_000;

    /// <summary>The largest number of ids that are kept as examples.</summary>
    private const int SampleMax = 200;

    private readonly Dictionary<ulong, ulong> _exactOf = [];
    private readonly List<string> _sample = [];
    private readonly char[] _folded = new char[1_024];
    private long _count;
    private long _decimals;
    private long _rowNumbers;
    private long _shortened;
    private long _spaced;
    private string? _firstShortened;
    private string? _firstSpaced;
    private long? _first;
    private (string First, string Second)? _sameButCase;

    /// <summary>Gets how many rows repeat one of the first <see cref="ComparedMax"/> ids.</summary>
    public long Repeats { get; private set; }

    /// <summary>Gets the first id that was repeated; null if none was.</summary>
    public string? FirstRepeat { get; private set; }

    /// <summary>Gets whether the ids number the rows of a file of more than 20 rows, from 0 or 1 on.</summary>
    public bool CountsRows => _count > 20 && _rowNumbers == _count && _first is 0 or 1;

    /// <summary>Adds an id.</summary>
    public void Observe(string? id)
    {
        if (id is null)
        {
            return;
        }

        _decimals += id.EndsWith(".0", StringComparison.Ordinal) && id.AsSpan(0, id.Length - 2).ContainsAnyExceptInRange('0', '9') is false ? 1 : 0;
        if (_rowNumbers == _count && long.TryParse(id, out long number))
        {
            _first ??= number;
            _rowNumbers += number == _first + _count ? 1 : 0;
        }

        _count++;
        if (id.Contains('+', StringComparison.Ordinal) && Shortened().IsMatch(id))
        {
            _shortened++;
            _firstShortened ??= id;
        }

        if (id.AsSpan().ContainsAnyExceptInRange('!', '~') && (char.IsWhiteSpace(id[0]) || char.IsWhiteSpace(id[^1]) || id.Any(IsInvisible)))
        {
            _spaced++;
            _firstSpaced ??= id;
        }

        if (id.Length > _folded.Length)
        {
            return;
        }

        Span<char> folded = _folded.AsSpan(0, id.Length);
        id.AsSpan().ToUpperInvariant(folded);
        ulong key = XxHash3.HashToUInt64(MemoryMarshal.AsBytes(folded));
        ulong exact = XxHash3.HashToUInt64(MemoryMarshal.AsBytes(id.AsSpan()));
        if (_exactOf.TryGetValue(key, out ulong known))
        {
            if (known == exact)
            {
                Repeats++;
                FirstRepeat ??= id;
            }

            if (known != exact && _sameButCase is null)
            {
                _sameButCase = (_sample.FirstOrDefault(other => other.Equals(id, StringComparison.OrdinalIgnoreCase)) ?? "", id);
            }
        }
        else if (_exactOf.Count < ComparedMax)
        {
            _exactOf[key] = exact;
            if (_sample.Count < SampleMax)
            {
                _sample.Add(id);
            }
        }
    }

    /// <summary>Returns a warning per mistake found: decimals, row numbers in place of ids, ids that differ only in case.</summary>
    /// <param name="field">The name of the column's field.</param>
    public IEnumerable<string> Warnings(string field)
    {
        if (_decimals > 0 && _decimals * 2 > _count)
        {
            yield return $"{field}: most ids end in .0, such as '{_sample.FirstOrDefault(id => id.EndsWith(".0", StringComparison.Ordinal))}': some programs write whole numbers in this way if a column has empty cells; the catalogue must have the same ids";
        }

        if (_firstShortened is not null)
        {
            yield return $"{field}: {Terminal.Number(_shortened)} ids are like '{_firstShortened}', as spreadsheets shorten long numbers: different ids become one; export the column as text";
        }

        if (_firstSpaced is not null)
        {
            yield return $"{field}: {Terminal.Number(_spaced)} ids begin or end with a space, or contain an invisible or a combining character, such as '{Visible(_firstSpaced)}': they are not the same as ids without it";
        }

        if (CountsRows)
        {
            yield return $"{field}: '{header}' counts the rows from {_first}; if it is a row number and not an id, set the right column with --map {field}=COLUMN";
        }

        if (_sameButCase is var (first, second))
        {
            yield return first.Length > 0
                ? $"{field}: '{first}' and '{second}' differ only in case and are different ids"
                : $"{field}: ids such as '{second}' differ only in case and are different ids";
        }
    }

    // A letter and a combining accent (U+0300 to U+036F) look like the letter with the accent.
    private static bool IsInvisible(char c) => c is '\u00A0' or (>= '\u0300' and <= '\u036F') || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.Control;

    private static string Visible(string id) => string.Concat(id.Select(c => IsInvisible(c) ? $"[U+{(int)c:X4}]" : c.ToString()));

    [GeneratedRegex(@"^[0-9]([.,][0-9]+)?[eE]\+[0-9]{1,3}\z")]
    private static partial Regex Shortened();
}
