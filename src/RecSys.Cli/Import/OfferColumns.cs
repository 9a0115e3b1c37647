using System.Globalization;
using System.Text;
using RecSys.Client;
using RecSys.Core;
using RecSys.Core.Catalogue;

namespace RecSys.Cli.Import;

/// <summary>The columns of a file that contain the price, currency, picture, link and stock of items.</summary>
/// <remarks>
/// A column is the field if at least half of its values follow the field's rule, or if <c>--map</c> names it; rows with other values are then refused.
/// Otherwise the column stays a label. One wrong row therefore never turns the prices of a feed into labels.
/// A currency in the name of the price's column is that of the prices, unless <c>--map</c> names a column of currencies. A row whose own currency differs from it is refused.
/// </remarks>
/// <param name="map">Column of each field, by its name or as the user named it.</param>
/// <param name="hasDecimalComma"><see cref="ImportOptions.HasDecimalComma"/>.</param>
internal sealed class OfferColumns(ColumnMap map, bool hasDecimalComma)
{
    private static readonly string[] Names = ["price", "currency", "image", "url", "stock"];

    private readonly int[] _columns = [.. Names.Select(name => map[name])];
    private readonly Facts[] _facts = [.. Names.Select(name => new Facts { IsMapped = map.IsMapped(name) })];
    private readonly MoneyName? _priceName = map["price"] >= 0 && !map.IsMapped("currency") ? MoneyName.Of(map.Headers[map["price"]]) : null;
    private long _points;
    private long _thousands; // of those with points
    private string? _firstThousands;
    private long _otherCurrencies;
    private string? _otherCurrency;

    /// <summary>Adds a row's values to the statistics of their columns.</summary>
    public void Observe(Cell[] cells)
    {
        for (int i = 0; i < Names.Length; i++)
        {
            if (Get(cells, i) is { } text)
            {
                _facts[i].Add(Problem(i, text));
            }
        }

        if (!hasDecimalComma && _columns[0] >= 0 && cells[_columns[0]] is { Kind: CellKind.Text, Text: { } price } && price.Contains('.', StringComparison.Ordinal))
        {
            _points++;
            if (Numbers.IsInThousands(price))
            {
                _thousands++;
                _firstThousands ??= price;
            }
        }

        if (OtherCurrency(Get(cells, 0), Get(cells, 1)) is { } other)
        {
            _otherCurrencies++;
            _otherCurrency ??= other;
        }
    }

    /// <summary>Describes the price's column if its name contains the currency of the prices; otherwise null.</summary>
    public string? Describe(int column) => column == _columns[0] && _facts[0].IsField && _priceName?.Currency is { } currency ? $"price, currency {currency}" : null;

    /// <summary>Returns whether a column is one of these fields.</summary>
    public bool Contains(int column)
    {
        int at = Array.IndexOf(_columns, column);
        return at >= 0 && _facts[at].IsField;
    }

    /// <summary>Returns one warning per field with values that break its rule: how many, an example, and whether these rows are refused.</summary>
    public IEnumerable<string> Warnings()
    {
        for (int i = 0; i < Names.Length; i++)
        {
            Facts facts = _facts[i];
            if (facts.First is not { } first)
            {
                continue;
            }

            string header = map.Headers[_columns[i]];
            string of = $"{Names[i]}: {Terminal.Number(facts.Wrong)} of {Terminal.Number(facts.Count)} values of '{header}' are not valid as {Names[i]}, first: {first}";
            yield return facts.IsField
                ? $"{of}; these rows are refused, --map {Names[i]}={ColumnMap.LabelWord} keeps the column a label"
                : $"{of}; the column stays a label, --map {ShellWord.Of($"{Names[i]}={header}")} makes it the field and refuses these rows";
        }

        // Among other decimals, three of them are three decimals.
        if (_thousands > 0 && _thousands == _points && _facts[0].IsField)
        {
            yield return $"price: {Terminal.Number(_thousands)} prices are like '{_firstThousands}', and are read with three decimals; if the point is between thousands, --decimal-comma reads them as {_firstThousands!.Replace(".", "", StringComparison.Ordinal)}";
        }

        if (map.PricesOfCurrencies is [int one, ..] columns)
        {
            yield return $"price: {string.Join(", ", columns.Select(column => $"'{map.Headers[column]}'"))} name different currencies and stay labels; name one with --map {ShellWord.Of($"price={map.Headers[one]}")}";
        }

        if (_priceName is { Currency: null, Text: var sign } && _facts[0].IsField && !_facts[1].IsField)
        {
            yield return $"currency: '{sign}' in the name of '{map.Headers[_columns[0]]}' is the sign of several currencies, and the prices get none; name the column 'price (USD)', for example";
        }

        if (_facts[0].IsField && _facts[1].IsField && _otherCurrency is { } other)
        {
            yield return $"currency: {Terminal.Number(_otherCurrencies)} of {Terminal.Number(_facts[1].Count)} values of '{map.Headers[_columns[1]]}' differ from {_priceName!.Currency} in the name of "
                + $"'{map.Headers[_columns[0]]}', first: '{other}'; these rows are refused, {Remedy()}";
        }
    }

    /// <summary>Sets the fields of an item from a row; fields whose cell is empty become null.</summary>
    /// <returns>The problem of the first invalid value; null if all are valid.</returns>
    public RowProblem? Set(Cell[] cells, ref ItemRow item)
    {
        for (int i = 0; i < Names.Length; i++)
        {
            if (Field(cells, i) is { } text && Problem(i, text) is { } problem)
            {
                return problem.In(Names[i]);
            }
        }

        if (OtherCurrency(Field(cells, 0), Field(cells, 1)) is { } other)
        {
            return RowProblem.Of($"is not {_priceName!.Currency} as in the name of '{map.Headers[_columns[0]]}'; {Remedy()}", other).In("currency");
        }

        item = item with
        {
            Price = Field(cells, 0) is { } price ? decimal.Parse(Numbers.WithPoint(price, hasDecimalComma)!, NumberStyles.Float, CultureInfo.InvariantCulture) : null,
            Currency = Field(cells, 1) ?? (Field(cells, 0) is null ? null : _priceName?.Currency),
            Image = Field(cells, 2),
            Url = Field(cells, 3),
            Stock = Field(cells, 4) is { } stock ? int.Parse(stock, CultureInfo.InvariantCulture) : null,
        };
        return null;
    }

    /// <summary>Returns the currency of a row with a price if it is another one than that in the name of the price's column; otherwise null.</summary>
    private string? OtherCurrency(string? price, string? currency) =>
        price is not null && currency is not null && _priceName?.Currency is { } named && currency != named && OfferRules.CurrencyProblem(currency) is null ? currency : null;

    private string Remedy() =>
        $"--map {ShellWord.Of($"currency={map.Headers[_columns[1]]}")} takes the currencies of the column, --map currency={ColumnMap.LabelWord} takes {_priceName!.Currency}";

    private RowProblem? Problem(int field, string text) => field switch
    {
        0 => PriceProblem(text),
        1 => Of(OfferRules.CurrencyProblem(text), text),
        4 => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int stock) && stock <= Limits.StockMax ? null : Of(OfferRules.StockRule, text),
        _ => Of(OfferRules.UrlProblem(text), text),
    };

    // A price in a common local form gets a message that names the form. It is never guessed: 1,234 is more than a thousand in one country and between one and two in another.
    private RowProblem? PriceProblem(string text)
    {
        string? number = Numbers.WithPoint(text, hasDecimalComma);
        string? rule = number is null ? Numbers.CommaRule : OfferRules.ReadPrice(Encoding.UTF8.GetBytes(number), out _);
        return rule is null ? null
            : text.Any(letter => char.GetUnicodeCategory(letter) == UnicodeCategory.CurrencySymbol || char.IsLetter(letter)) && text.Any(char.IsAsciiDigit)
                ? Of("must be a number without a currency, such as 12.50; the currency belongs in a column of its own, such as EUR", text)
            : text.Contains(',', StringComparison.Ordinal) && !hasDecimalComma ? Of(Numbers.PointRule, text)
            : Of(rule, text);
    }

    private static RowProblem? Of(string? rule, string text) => rule is null ? null : RowProblem.Of(rule, text);

    private string? Field(Cell[] cells, int field) => _facts[field].IsField ? Get(cells, field) : null;

    private string? Get(Cell[] cells, int field) => _columns[field] >= 0 ? cells[_columns[field]].Text : null;

    /// <summary>Counts the values of a column, and those that break the rule of its field.</summary>
    private sealed class Facts
    {
        public required bool IsMapped { get; init; }

        public long Count { get; private set; }

        // invariant: 0 <= Wrong <= Count
        public long Wrong { get; private set; }

        /// <summary>Gets the problem of the first wrong value; null if there is none.</summary>
        public string? First { get; private set; }

        public bool IsField => Count > 0 && (IsMapped || Wrong * 2 <= Count);

        public void Add(RowProblem? problem)
        {
            Count++;
            Wrong += problem is null ? 0 : 1;
            First ??= problem?.Text;
        }
    }
}
