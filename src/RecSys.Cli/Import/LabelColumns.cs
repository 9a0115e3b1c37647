using System.Text.Json;

namespace RecSys.Cli.Import;

/// <summary>The columns of items and users that become labels. A column is of one kind: numbers, lists or texts.</summary>
/// <param name="map">Column of each field, and the other columns.</param>
/// <param name="listSeparator"><see cref="ImportOptions.ListSeparator"/>.</param>
/// <param name="isField">Returns whether a column is a field; null if none can be.</param>
internal sealed class LabelColumns(ColumnMap map, char? listSeparator, Func<int, bool>? isField = null)
{
    private readonly Facts[] _facts = [.. map.Others.Select(_ => new Facts(listSeparator))];

    /// <summary>Adds a row's values to the statistics of their columns.</summary>
    public void Observe(Cell[] cells)
    {
        for (int i = 0; i < map.Others.Count; i++)
        {
            _facts[i].Add(cells[map.Others[i]]);
        }
    }

    /// <summary>Describes the label of a column; null if it is not a label.</summary>
    public string? Describe(int column)
    {
        int at = map.Others.ToList().IndexOf(column);
        return at < 0 || isField?.Invoke(column) == true ? null
            : _facts[at].Count == 0 ? "ignored (empty)"
            : _facts[at].IsObject ? "ignored (an object, or a list of objects)"
            : $"label ({_facts[at].Name})";
    }

    /// <summary>Adds a row's labels.</summary>
    /// <returns>The labels, or null if there are none.</returns>
    public Dictionary<string, JsonElement>? Read(Cell[] cells)
    {
        Dictionary<string, JsonElement>? labels = null;
        for (int i = 0; i < map.Others.Count; i++)
        {
            Cell cell = cells[map.Others[i]];
            if (cell.Kind != CellKind.Absent && !_facts[i].IsObject && isField?.Invoke(map.Others[i]) != true && ValueOf(cell, _facts[i]) is { } value)
            {
                labels ??= new Dictionary<string, JsonElement>(StringComparer.Ordinal);
                labels[map.Headers[map.Others[i]]] = value;
            }
        }

        return labels;
    }

    private JsonElement? ValueOf(Cell cell, Facts facts) => cell.Kind switch
    {
        CellKind.Text when facts.IsNumber && Numbers.PrintsAs(cell.Text!, out double number) => LabelValue.Of(number),
        CellKind.Text when facts.IsList => LabelValue.Of(ListText.ReadShort(cell.Text!, listSeparator) ?? [cell.Text!]),
        CellKind.Text => LabelValue.Of(cell.Text!),
        CellKind.Array => ListText.ReadJson(cell.Text!) is { } list ? LabelValue.Of(list) : null,
        CellKind.Object => null,
        _ => JsonElement.Parse(cell.Text!),
    };

    /// <summary>The kind of a column's values.</summary>
    private sealed class Facts(char? listSeparator)
    {
        private bool _isNumber = true;
        private bool _isList;
        private bool _isText;

        public long Count { get; private set; }

        public bool IsObject { get; private set; }

        public bool IsNumber => _isNumber;

        public bool IsList => _isList && !_isText && !_isNumber;

        public string Name => IsNumber ? "numbers" : IsList ? "lists" : "text";

        public void Add(Cell cell)
        {
            if (cell.Kind == CellKind.Absent)
            {
                return;
            }

            Count++;
            IsObject |= cell.Kind == CellKind.Object || (cell.Kind == CellKind.Array && ListText.ReadJson(cell.Text!) is null);
            if (cell.Kind != CellKind.Text)
            {
                _isNumber &= cell.Kind == CellKind.Number;
                _isList |= cell.Kind == CellKind.Array;
                return;
            }

            _isNumber = _isNumber && Numbers.PrintsAs(cell.Text!, out _);
            if (!_isNumber && !_isText && (listSeparator is null ? cell.Text!.AsSpan().ContainsAny("[|;,") : cell.Text!.AsSpan().ContainsAny('[', listSeparator.Value)))
            {
                bool isList = ListText.ReadShort(cell.Text!, listSeparator) is not null;
                _isList |= isList;
                _isText |= !isList;
            }
        }
    }
}
