using System.Globalization;
using System.Text;
using RecSys.Client;
using RecSys.Core;
using RecSys.Core.Catalogue;

namespace RecSys.Cli.Import;

/// <summary>Price, currency, picture, link and stock of items. A column whose values are not all as the API takes them stays a label.</summary>
/// <param name="map">The columns.</param>
internal sealed class OfferColumns(ColumnMap map)
{
    private static readonly string[] Names = ["price", "currency", "image", "url", "stock"];

    private readonly int[] _columns = [.. Names.Select(name => map[name])];
    private readonly bool[] _isSound = [.. Names.Select(_ => true)];

    /// <summary>Takes note of a row.</summary>
    public void Look(Cell[] cells)
    {
        for (int i = 0; i < Names.Length; i++)
        {
            _isSound[i] = _isSound[i] && (Get(cells, i) is not { Kind: not CellKind.Absent } cell || IsSound(i, cell));
        }
    }

    /// <summary>Whether a column is one of these fields.</summary>
    public bool Holds(int column)
    {
        int at = Array.IndexOf(_columns, column);
        return at >= 0 && _isSound[at];
    }

    /// <summary>Sets the fields of an item.</summary>
    public ItemRow Set(ItemRow item, Cell[] cells) => item with
    {
        Price = Text(cells, 0) is { } price ? decimal.Parse(price, NumberStyles.Float, CultureInfo.InvariantCulture) : null,
        Currency = Text(cells, 1),
        Image = Text(cells, 2),
        Url = Text(cells, 3),
        Stock = Text(cells, 4) is { } stock ? int.Parse(stock, CultureInfo.InvariantCulture) : null,
    };

    private static bool IsSound(int field, Cell cell) => field switch
    {
        0 => cell.Kind == CellKind.Number && OfferRules.ReadPrice(Encoding.UTF8.GetBytes(cell.Text!), out _) is null,
        1 => cell.Kind == CellKind.Text && OfferRules.CurrencyProblem(cell.Text!) is null,
        4 => cell.Kind == CellKind.Number && int.TryParse(cell.Text, NumberStyles.None, CultureInfo.InvariantCulture, out int stock) && stock <= Limits.StockMax,
        _ => cell.Kind == CellKind.Text && OfferRules.UrlProblem(cell.Text!) is null,
    };

    private string? Text(Cell[] cells, int field) => _isSound[field] ? Get(cells, field)?.Text : null;

    private Cell? Get(Cell[] cells, int field) => _columns[field] >= 0 ? cells[_columns[field]] : null;
}
