using System.Text.Json;
using RecSys.Client;

namespace RecSys.Cli.Import;

/// <summary>Reads items.</summary>
internal sealed class ItemReader : IRowReader
{
    private const int CategoriesCompared = 10_000;

    private static readonly string[] Shown = ["published", "ispublished", "active", "isactive", "visible", "isvisible", "enabled", "isenabled", "online", "isonline", "aktiv", "sichtbar", "veroeffentlicht"];
    private static readonly string[] Gone = ["discontinued", "isdiscontinued", "archived", "isarchived", "isdeleted", "inactive", "isinactive", "disabled", "isdisabled", "versteckt", "ausgelaufen"];

    private readonly ColumnMap _map;
    private readonly Dictionary<string, string> _categoryOf = new(StringComparer.OrdinalIgnoreCase);
    private (string First, string Second)? _categoryCase;
    private readonly ImportOptions _options;
    private readonly OfferColumns _offer;
    private readonly LabelColumns _labels;
    private readonly IdColumn _ids;
    private readonly int _item;
    private readonly int _title;
    private readonly int _categories;
    private readonly int _text;
    private readonly int _from;
    private readonly int _until;
    private readonly int _hidden;
    private readonly int _deleted;
    private readonly int _ownLabels;
    private readonly bool _isOfActs;
    private long _titles;
    private long _commaLists;
    private string? _firstCommaList;

    /// <summary>Creates a reader.</summary>
    /// <param name="map">Column of each field.</param>
    /// <param name="options">The options of the user.</param>
    public ItemReader(ColumnMap map, ImportOptions options)
    {
        _map = map;
        _options = options;
        _offer = new OfferColumns(map, options.HasDecimalComma);
        HashSet<int> ofActs = ColumnsOfActs(map);
        _isOfActs = ofActs.Count > 0;
        _labels = new LabelColumns(map, options.ListSeparator, column => _offer.Contains(column) || ofActs.Contains(column));
        (_item, _title, _categories, _text, _hidden) = (map["itemId"], map["title"], map["categories"], map["text"], map["hidden"]);
        (_from, _until, _deleted, _ownLabels) = (map["availableFrom"], map["availableUntil"], map["deleted"], map["labels"]);
        _ids = new IdColumn(map.Headers[_item]);
    }

    /// <inheritdoc/>
    public void Observe(Cell[] cells)
    {
        _ids.Observe(cells[_item].Text);
        _offer.Observe(cells);
        _labels.Observe(cells);
        if (_categories >= 0 && cells[_categories] is { Kind: CellKind.Text, Text: { } text } && _options.ListSeparator is null && text[0] != '[' && !text.AsSpan().ContainsAny('|', ';') && text.Contains(',', StringComparison.Ordinal))
        {
            _commaLists++;
            _firstCommaList ??= text;
        }

        if (_categoryCase is null && _categoryOf.Count < CategoriesCompared)
        {
            foreach (string category in Categories(cells) ?? [])
            {
                if (!_categoryOf.TryAdd(category, category) && _categoryOf[category] != category)
                {
                    _categoryCase ??= (_categoryOf[category], category);
                }
            }
        }

        _titles += _title >= 0 && cells[_title].Text is not null ? 1 : 0;
    }

    /// <inheritdoc/>
    public Detection Detect(long rows, DateTimeOffset now)
    {
        Detection found = new();
        for (int column = 0; column < _map.Headers.Count; column++)
        {
            string? field = _map.FieldOf(column);
            found.Columns.Add($"{ColumnText.Name(_map, column)} → {_labels.Describe(column) ?? _offer.Describe(column) ?? field ?? ColumnText.Ignored(_map, column)}");
        }

        if (_firstCommaList is not null)
        {
            found.Defaults.Add($"categories → {Terminal.Number(_commaLists)} fields with commas are lists, such as {string.Join(" and ", ListText.Read(_firstCommaList, ',')!.Select(entry => $"'{entry}'"))} (--lists none reads each as one category)");
        }

        if (_title >= 0 && _titles == 0 && rows > 0)
        {
            found.Warnings.Add($"title: '{_map.Headers[_title]}' is empty in all rows");
        }

        string[] plain = [.. _map.Headers.Select(Names.Plain)];
        (int property, int value) = (Array.IndexOf(plain, "property"), Array.IndexOf(plain, "value"));
        if (property >= 0 && value >= 0 && _ids.Repeats > 0)
        {
            found.Refusal = $"{_map.Headers[property]}: a row contains one property of an item; each item must be one row with a column for each property, such as {_map.Headers[_item]},title,category."
                + $" Of the item_properties of Retailrocket, make the categories with: awk -F, '$3==\"categoryid\"{{c[$2]=$4}} END{{print \"itemid,category\"; for(i in c) print i\",\"c[i]}}' item_properties_part*.csv > categories.csv";
        }

        found.Warnings.AddRange(_offer.Warnings());
        found.Warnings.AddRange(_ids.Warnings("itemId"));
        found.Warnings.AddRange(HidingColumns());
        if (_categoryCase is var (one, other))
        {
            found.Warnings.Add($"categories: '{one}' and '{other}' differ only in case and are different categories");
        }

        if (_ids.Repeats > 0 && !_isOfActs)
        {
            found.Warnings.Add(
                $"itemId: {Terminal.Number(_ids.Repeats)} rows repeat an id, such as '{_ids.FirstRepeat}': the last row with a field counts, and categories and labels of several rows are not joined; write each item in one row, with lists such as a|b");
        }

        return found;
    }

    /// <inheritdoc/>
    public (object? Body, RowProblem? Problem) Parse(Cell[] cells)
    {
        if (cells[_item].Text is not { } id)
        {
            return (null, new RowProblem("is empty").In("itemId"));
        }

        DateTimeOffset? until = null;
        bool? hidden = null;
        bool? deleted = null;
        Dictionary<string, JsonElement>? labels = _labels.Read(cells);
        RowProblem? problem = Values.Time(cells, _from, "availableFrom", _options.TimeFormat, out DateTimeOffset? from);
        problem ??= Values.Time(cells, _until, "availableUntil", _options.TimeFormat, out until);
        problem ??= Values.Flag(cells, _hidden, "hidden", _map.IsInverted("hidden"), out hidden);
        problem ??= Values.Flag(cells, _deleted, "deleted", isInverted: false, out deleted);
        problem ??= Values.OwnLabels(cells, _ownLabels, ref labels);
        if (problem is not null)
        {
            return (null, problem);
        }

        ItemRow item = new()
        {
            ItemId = id,
            Title = Text(cells, _title),
            Categories = Categories(cells),
            Text = Text(cells, _text),
            AvailableFrom = from,
            AvailableUntil = until,
            Hidden = hidden,
            Deleted = deleted,
            Labels = labels,
        };
        return _offer.Set(cells, ref item) is { } badOffer ? (null, badOffer) : (item, null);
    }

    // A column such as published is a label like any other, and hides nothing.
    private IEnumerable<string> HidingColumns()
    {
        if (_hidden >= 0 || _map.IsMapped("hidden"))
        {
            yield break;
        }

        foreach (int column in _map.Others)
        {
            string plain = Names.Plain(_map.Headers[column]);
            string not = Shown.Contains(plain) ? ColumnMap.NotWord : "";
            if (not.Length > 0 || Gone.Contains(plain))
            {
                yield return $"hidden: '{_map.Headers[column]}' stays a label and hides no item; --map hidden={not}{_map.Headers[column]} hides the items where it is {(not.Length > 0 ? "false" : "true")}";
            }
        }
    }

    /// <summary>Returns the columns of users, types, times and sessions if the file contains interactions: they are not labels of an item.</summary>
    private static HashSet<int> ColumnsOfActs(ColumnMap map)
    {
        string[] plain = [.. map.Headers.Select(Names.Plain)];
        Dictionary<string, int[]> columns = KnownFields.Of(ImportKind.Interactions).Where(field => field.Name is "userId" or "type" or "timestamp").ToDictionary(
            field => field.Name,
            field => Enumerable.Range(0, plain.Length).Where(column => plain[column] == Names.Plain(field.Name) || field.Columns.Contains(plain[column])).ToArray(),
            StringComparer.Ordinal);
        bool isOfActs = columns["userId"].Length > 0 && columns["type"].Length + columns["timestamp"].Length > 0;
        return isOfActs
            ? [.. columns.Values.SelectMany(found => found), .. Enumerable.Range(0, plain.Length).Where(column => plain[column].Contains("session", StringComparison.Ordinal))]
            : [];
    }

    private static string? Text(Cell[] cells, int column) =>
        column < 0 || cells[column].Text is not { } text ? null
        : cells[column].Kind == CellKind.Array && ListText.ReadJson(text) is { } lines ? string.Join('\n', lines)
        : text;

    private string[]? Categories(Cell[] cells) =>
        _categories < 0 || cells[_categories].Text is not { } text ? null
        : cells[_categories].Kind == CellKind.Array ? ListText.ReadJson(text) ?? [text]
        : ListText.Read(text, _options.ListSeparator) ?? [text];
}
