using System.Globalization;
using RecSys.Core.Log;

namespace RecSys.Core.Diagnostics;

/// <summary>Counts what a log contains, to find data that was imported wrongly: unknown items, items without titles, equal times, one type.</summary>
/// <remarks>All records of items are decoded, and of the interactions a sample that is spread evenly over the log: at most <see cref="InteractionsMax"/>, and one more for each partition.</remarks>
/// <param name="records">The number of records of the log, 0 or more.</param>
public sealed class LogCensus(long records)
{
    /// <summary>The largest number of interactions that are decoded.</summary>
    public const int InteractionsMax = 200_000;

    /// <summary>The number of interactions up to which equal times and a single type are not reported.</summary>
    public const int InteractionsMin = 10;

    /// <summary>The share of interactions with unknown items, and the share of items without a title, above which a note is reported; 0 to 1.</summary>
    public const double ShareMax = 0.01;

    private readonly long _stride = Math.Max(1, (records + InteractionsMax - 1) / InteractionsMax);
    private readonly Dictionary<ItemId, bool> _isTitled = [];
    private readonly Dictionary<ItemId, long> _interactions = [];
    private readonly HashSet<string> _types = new(StringComparer.Ordinal);
    private long _count;
    private long _firstMs = long.MaxValue;
    private long _lastMs = long.MinValue;

    /// <summary>Counts a record; records that cannot be decoded are ignored.</summary>
    /// <param name="offset">Offset of the record in the log.</param>
    /// <param name="record">Bytes of the record.</param>
    public void Add(long offset, ReadOnlySpan<byte> record)
    {
        switch (Decode(offset, record))
        {
            case LogRecord.ItemChanged { Content: { } content } item:
                _isTitled[item.Item] = content.Title is not null;
                break;
            case LogRecord.ItemChanged item:
                _isTitled.Remove(item.Item);
                break;
            case LogRecord.Interaction interaction:
                _count++;
                _interactions[interaction.Item] = _interactions.GetValueOrDefault(interaction.Item) + 1;
                _types.Add(interaction.Type);
                _firstMs = Math.Min(_firstMs, interaction.TimestampMs);
                _lastMs = Math.Max(_lastMs, interaction.TimestampMs);
                break;
        }
    }

    /// <summary>Reports signs of a wrong import, one note each.</summary>
    /// <returns>The notes; one good finding if there are none; empty if the log contains neither items nor interactions.</returns>
    public IReadOnlyList<HealthFinding> Report()
    {
        if (_count == 0 && _isTitled.Count == 0)
        {
            return [];
        }

        List<HealthFinding> notes = [];
        long unknown = _interactions.Where(pair => !_isTitled.ContainsKey(pair.Key)).Sum(pair => pair.Value);
        if (unknown > _count * ShareMax)
        {
            notes.Add(UnknownItems((double)unknown / _count));
        }

        int untitled = _isTitled.Values.Count(isTitled => !isTitled);
        if (untitled > _isTitled.Count * ShareMax)
        {
            notes.Add(Note(
                "data: titles",
                string.Create(CultureInfo.InvariantCulture, $"{untitled:N0} of {_isTitled.Count:N0} items have no title, such as '{_isTitled.First(pair => !pair.Value).Key.Value}'"),
                "recsys import items FILE --map title=COLUMN"));
        }

        if (_count > InteractionsMin && _firstMs == _lastMs)
        {
            notes.Add(Note(
                "data: times",
                $"all interactions have the same time, {DateTimeOffset.FromUnixTimeMilliseconds(_firstMs):u}: trends and training cannot tell old from new",
                "import the file with --map timestamp=COLUMN into a new data folder"));
        }

        if (_count > InteractionsMin && _types.Count == 1)
        {
            notes.Add(Note(
                "data: types",
                $"all interactions are of the type {_types.First()}",
                "if the file has a column of types, import it with --map type=COLUMN into a new data folder"));
        }

        return notes.Count > 0 ? notes
            : [new("data", HealthVerdict.Good, string.Create(CultureInfo.InvariantCulture, $"{_isTitled.Count:N0} items and {_count:N0} interactions checked: no sign of a wrong import"))];
    }

    private HealthFinding UnknownItems(double share)
    {
        const string Text = "of the interactions are of items that the catalogue does not have";
        Dictionary<string, ItemId> known = new(StringComparer.Ordinal);
        foreach (ItemId item in _isTitled.Keys)
        {
            known.TryAdd(NormalizedId(item), item);
        }

        ItemId[] unknown = [.. _interactions.Keys.Where(item => !_isTitled.ContainsKey(item))];
        foreach (ItemId item in unknown)
        {
            if (known.TryGetValue(NormalizedId(item), out ItemId other))
            {
                return Note(
                    "data: items",
                    string.Create(CultureInfo.InvariantCulture, $"{share:P0} {Text}, such as '{item}', which is '{other}' in the catalogue"),
                    "use the same ids in the files of items and of interactions, and import them into a new data folder");
            }
        }

        return Note(
            "data: items",
            string.Create(CultureInfo.InvariantCulture, $"{share:P0} {Text}, such as '{unknown[0]}': slates show them without titles, unless they were deleted"),
            "recsys import items FILE, with the ids that the interactions use");
    }

    /// <summary>Returns an id without what spreadsheets and programs change: in lower case, without surrounding white space, leading zeros and a trailing <c>.0</c>.</summary>
    private static string NormalizedId(ItemId item)
    {
        string plain = item.Value.Trim().ToLowerInvariant();
        plain = plain.EndsWith(".0", StringComparison.Ordinal) ? plain[..^2] : plain;
        return plain.TrimStart('0') is { Length: > 0 } rest ? rest : plain;
    }

    private LogRecord? Decode(long offset, ReadOnlySpan<byte> record)
    {
        try
        {
            LogRecord.Kind kind = LogRecordCodec.KindOf(record);
            return LogRecordHead.IsOfItem(kind) || (kind == LogRecord.Kind.Interaction && offset % _stride == 0) ? LogRecordCodec.Decode(record) : null;
        }
        catch (CorruptRecordException)
        {
            return null;
        }
    }

    private static HealthFinding Note(string check, string found, string command) => new(check, HealthVerdict.Note, found) { Command = command };
}
