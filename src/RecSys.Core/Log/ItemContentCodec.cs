using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;

namespace RecSys.Core.Log;

/// <summary>
/// Encodes an item's content in stored bytes: a byte of flags, the title, the categories, the labels, the text and the times; then, if a flag indicates it, a second byte of flags,
/// the price (the number of decimals, then the number without its point), the currency, the image, the link and the stock. The flags tell which of these fields are set;
/// unset ones are omitted. The categories and labels are always present and begin with their number.
/// </summary>
internal static class ItemContentCodec
{
    private const byte Exists = 1;
    private const byte HasTitle = 2;
    private const byte HasText = 4;
    private const byte HasFrom = 8;
    private const byte HasUntil = 16;
    private const byte IsHidden = 32;
    private const byte KeepsHidden = 64;
    private const byte HasOffer = 128;

    // The bits of the second byte of flags.
    private const byte HasPrice = 1;
    private const byte HasCurrency = 2;
    private const byte HasImage = 4;
    private const byte HasUrl = 8;
    private const byte HasStock = 16;
    private const byte OfferFlags = HasPrice | HasCurrency | HasImage | HasUrl | HasStock;
    private const int CurrencyBytesMax = 3;

    private static readonly long[] PowersOfTen = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];

    /// <summary>Returns the approximate encoded size in bytes: that of the texts, categories and labels, without the small other fields.</summary>
    /// <exception cref="ArgumentException">There are too many categories or labels.</exception>
    public static long SizeOf(ItemContent content)
    {
        if (content.Categories.Length > Limits.CategoriesMax)
        {
            throw new ArgumentException($"there are {content.Categories.Length} categories; at most {Limits.CategoriesMax} are allowed");
        }

        long size = LogRecordCodec.LabelsSize(content.Labels) + Encoding.UTF8.GetByteCount(content.Text ?? "") + Encoding.UTF8.GetByteCount(content.Title ?? "")
            + Encoding.UTF8.GetByteCount(content.Image ?? "") + Encoding.UTF8.GetByteCount(content.Url ?? "");
        foreach (string category in content.Categories)
        {
            size += Encoding.UTF8.GetByteCount(category) + 2;
        }

        return size;
    }

    public static void Write(ref ByteWriter writer, ItemContent? content, bool keepsHidden = false)
    {
        if (content is null)
        {
            writer.Byte(0);
            return;
        }

        writer.Byte((byte)(
            Exists
            | (content.Title is null ? 0 : HasTitle)
            | (content.Text is null ? 0 : HasText)
            | (content.AvailableFromMs is null ? 0 : HasFrom)
            | (content.AvailableUntilMs is null ? 0 : HasUntil)
            | (content.IsHidden ? IsHidden : 0)
            | (keepsHidden ? KeepsHidden : 0)
            | (content.HasOffer ? HasOffer : 0)));
        if (content.Title is { } title)
        {
            writer.Text(title, Limits.TextBytesMax, "the title");
        }

        writer.Count(content.Categories.Length);
        foreach (string category in content.Categories)
        {
            writer.Text(category, Limits.TextBytesMax, "a category");
        }

        LogRecordCodec.Write(ref writer, content.Labels);
        if (content.Text is { } text)
        {
            writer.Text(text, Limits.ItemTextBytesMax, "the text");
        }

        if (content.AvailableFromMs is { } from)
        {
            writer.ZigZag(from);
        }

        if (content.AvailableUntilMs is { } until)
        {
            writer.ZigZag(until);
        }

        if (content.HasOffer)
        {
            WriteOffer(ref writer, content);
        }
    }

    /// <summary>Reads an item's content; returns null if the item is deleted.</summary>
    public static ItemContent? Read(ref ByteReader reader) => Read(ref reader, out _);

    /// <summary>Reads an item's content, and whether the item keeps its visibility (<see cref="LogRecord.ItemChanged.KeepsHidden"/>); returns null if the item is deleted.</summary>
    public static ItemContent? Read(ref ByteReader reader, out bool keepsHidden)
    {
        byte flags = reader.Byte();
        keepsHidden = (flags & KeepsHidden) != 0;
        if (flags == 0)
        {
            return null;
        }

        if ((flags & Exists) == 0)
        {
            reader.Break();
        }

        // Initialisers run in textual order, which is the order of the bytes.
        ItemContent content = new()
        {
            Title = (flags & HasTitle) != 0 ? reader.String(Limits.TextBytesMax) : null,
            Categories = ReadCategories(ref reader),
            Labels = LogRecordCodec.ReadLabels(ref reader),
            Text = (flags & HasText) != 0 ? reader.String(Limits.ItemTextBytesMax) : null,
            AvailableFromMs = (flags & HasFrom) != 0 ? reader.ZigZag() : null,
            AvailableUntilMs = (flags & HasUntil) != 0 ? reader.ZigZag() : null,
            IsHidden = (flags & IsHidden) != 0,
        };
        return (flags & HasOffer) != 0 ? ReadOffer(ref reader, content) : content;
    }

    private static void WriteOffer(ref ByteWriter writer, ItemContent content)
    {
        writer.Byte((byte)(
            (content.Price is null ? 0 : HasPrice)
            | (content.Currency is null ? 0 : HasCurrency)
            | (content.Image is null ? 0 : HasImage)
            | (content.Url is null ? 0 : HasUrl)
            | (content.Stock is null ? 0 : HasStock)));
        if (content.Price is { } price)
        {
            if (price is < 0 or > Limits.PriceMax || price.Scale > Limits.PriceDecimalsMax)
            {
                throw new ArgumentException($"the price is {price}; 0 to {Limits.PriceMax} with at most {Limits.PriceDecimalsMax} decimals is allowed");
            }

            writer.Byte(price.Scale);
            writer.Varint((ulong)(price * PowersOfTen[price.Scale]));
        }

        if (content.Currency is { } currency)
        {
            writer.Text(currency, CurrencyBytesMax, "the currency");
        }

        if (content.Image is { } image)
        {
            writer.Text(image, Limits.UrlBytesMax, "the image");
        }

        if (content.Url is { } url)
        {
            writer.Text(url, Limits.UrlBytesMax, "the url");
        }

        if (content.Stock is { } stock)
        {
            writer.Count(stock is >= 0 and <= Limits.StockMax
                ? stock
                : throw new ArgumentException($"the stock is {stock}; 0 to {Limits.StockMax} is allowed"));
        }
    }

    private static ItemContent ReadOffer(ref ByteReader reader, ItemContent content)
    {
        byte flags = reader.Byte();
        if (flags is 0 or > OfferFlags)
        {
            reader.Break();
        }

        return content with
        {
            Price = (flags & HasPrice) != 0 ? ReadPrice(ref reader) : null,
            Currency = (flags & HasCurrency) != 0 ? reader.String(CurrencyBytesMax) : null,
            Image = (flags & HasImage) != 0 ? reader.String(Limits.UrlBytesMax) : null,
            Url = (flags & HasUrl) != 0 ? reader.String(Limits.UrlBytesMax) : null,
            Stock = (flags & HasStock) != 0 ? reader.Count(Limits.StockMax) : null,
        };
    }

    private static decimal ReadPrice(ref ByteReader reader)
    {
        byte decimals = reader.Byte();
        ulong digits = reader.Varint();
        if (decimals <= Limits.PriceDecimalsMax && digits <= (ulong)(Limits.PriceMax * PowersOfTen[decimals]))
        {
            return new decimal((int)digits, (int)(digits >> 32), 0, isNegative: false, decimals);
        }

        reader.Break();
        return 0;
    }

    private static ImmutableArray<string> ReadCategories(ref ByteReader reader)
    {
        int count = reader.Count(Limits.CategoriesMax);
        if (count == 0)
        {
            return [];
        }

        string[] categories = new string[count];
        for (int i = 0; i < count; i++)
        {
            categories[i] = reader.String(Limits.TextBytesMax);
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(categories);
    }
}
