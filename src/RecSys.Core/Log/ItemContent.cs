using System.Collections.Immutable;

namespace RecSys.Core.Log;

/// <summary>Content of an item. All of it is optional.</summary>
public sealed record ItemContent
{
    /// <summary>The content of an item with only an id.</summary>
    public static readonly ItemContent Empty = new();

    /// <summary>Gets the title.</summary>
    public string? Title { get; init; }

    /// <summary>Gets the categories, most important first; at most <see cref="Limits.CategoriesMax"/>.</summary>
    public ImmutableArray<string> Categories { get; init; } = [];

    /// <summary>Gets the labels; values are JSON texts; at most <see cref="Limits.LabelsMax"/>.</summary>
    public ImmutableSortedDictionary<string, string> Labels { get; init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Gets the description.</summary>
    public string? Text { get; init; }

    /// <summary>Gets the time from which on the item may be recommended, in milliseconds since 1970, UTC.</summary>
    public long? AvailableFromMs { get; init; }

    /// <summary>Gets the time until which the item may be recommended, in milliseconds since 1970, UTC; exclusive.</summary>
    public long? AvailableUntilMs { get; init; }

    /// <summary>Gets whether the item is hidden: no slate shows it.</summary>
    public bool IsHidden { get; init; }

    /// <summary>Gets the price: 0 to <see cref="Limits.PriceMax"/>, with at most <see cref="Limits.PriceDecimalsMax"/> decimals, which are kept as given (19.90).</summary>
    public decimal? Price { get; init; }

    /// <summary>Gets the currency of the price: three capital letters of ISO 4217.</summary>
    public string? Currency { get; init; }

    /// <summary>Gets the link to a picture, absolute (http or https) or beginning with <c>/</c>; at most <see cref="Limits.UrlBytesMax"/>.</summary>
    public string? Image { get; init; }

    /// <summary>Gets the link to the item's page in the shop, of the same form as <see cref="Image"/>.</summary>
    public string? Url { get; init; }

    /// <summary>Gets the number of pieces in stock, 0 to <see cref="Limits.StockMax"/>; 0: no slate shows the item; null: not counted.</summary>
    public int? Stock { get; init; }

    /// <summary>Gets whether price, currency, image, link or stock is set.</summary>
    internal bool HasOffer => Price is not null || Currency is not null || Image is not null || Url is not null || Stock is not null;
}
