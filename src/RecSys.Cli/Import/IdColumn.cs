using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace RecSys.Cli.Import;

/// <summary>Detects common mistakes in the ids of a column.</summary>
/// <param name="header">The column's name.</param>
internal sealed class IdColumn(string header)
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
    private long? _first;
    private (string First, string Second)? _sameButCase;

    /// <summary>Gets whether one of the first <see cref="ComparedMax"/> ids occurred again.</summary>
    public bool HasRepeats { get; private set; }

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
            HasRepeats |= known == exact;
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

        if (_count > 20 && _rowNumbers == _count && _first is 0 or 1)
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
}
