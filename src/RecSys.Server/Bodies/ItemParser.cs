using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Core.Log;
using RecSys.Server.Problems;

namespace RecSys.Server.Bodies;

/// <summary>Parses a body or row of an item.</summary>
/// <param name="item">The item; null if each row has an id of its own.</param>
/// <param name="current">
/// The current content, for a patch: fields that are not in the body are kept, and a null removes one. If this is null, the whole item is replaced, except <c>hidden</c>, which
/// is kept unless the body has it.
/// </param>
internal sealed class ItemParser(ItemId? item, ItemContent? current)
{
    private const string Fields = "title, categories, labels, text, availableFrom, availableUntil, hidden, price, currency, image, url, stock";
    private const int EntryOverheadBytes = 8;
    private const int HiddenBit = 6;
    private const uint HiddenSeen = 1u << HiddenBit;
    private const int DeletedBit = 30;
    private const uint DeletedSeen = 1u << DeletedBit;
    private const int IdBit = 31;
    private const uint IdSeen = 1u << IdBit;
    private readonly string _fields = item is null ? $"itemId, {Fields}, deleted" : Fields;

    /// <summary>Reads one row.</summary>
    public FieldProblem? TryRead(ref Utf8JsonReader reader, long nowMs, out LogRecord? row)
    {
        row = null;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return new FieldProblem("", "must be an object");
        }

        ItemId? itemId = item;
        ItemContent content = current ?? ItemContent.Empty;
        bool? hidden = null;
        bool? deleted = null;
        uint seen = 0;
        while (JsonFields.NextName(ref reader))
        {
            FieldProblem? problem;
            if (item is null && JsonFields.Is(ref reader, "itemId"u8))
            {
                reader.Read();
                problem = JsonFields.Once(ref seen, IdBit, "itemId") ?? JsonFields.ReadStoredId(ref reader, "itemId", out itemId);
            }
            else if (item is null && JsonFields.Is(ref reader, "deleted"u8))
            {
                reader.Read();
                problem = JsonFields.Once(ref seen, DeletedBit, "deleted") ?? JsonFields.ReadFlag(ref reader, "deleted", out deleted);
            }
            else
            {
                problem = ReadField(ref reader, ref seen, ref content, ref hidden);
            }

            if (problem is not null)
            {
                return problem;
            }
        }

        if (deleted is true)
        {
            return Delete(itemId, seen, nowMs, out row);
        }

        // Only a row that deletes may have an id that an earlier version stored.
        if (item is null && itemId is { } named && IdText.Problem(named.Value) is { } badId)
        {
            return new FieldProblem("itemId", badId);
        }

        bool isMentioned = hidden is not null || (current is not null && (seen & HiddenSeen) != 0);
        content = isMentioned ? content with { IsHidden = hidden ?? false } : content;
        return Finish(itemId, content, keepsHidden: !isMentioned, nowMs, out row);
    }

    /// <summary>Requires that a row that deletes an item has no other fields.</summary>
    private static FieldProblem? Delete(ItemId? itemId, uint seen, long nowMs, out LogRecord? row)
    {
        row = itemId is { } item ? new LogRecord.ItemChanged(item, null, nowMs) : null;
        return itemId is null ? new FieldProblem("itemId", "is missing")
            : seen != (IdSeen | DeletedSeen) ? new FieldProblem("deleted", "allows only itemId beside it if it is true")
            : null;
    }

    private FieldProblem? ReadField(ref Utf8JsonReader reader, ref uint seen, ref ItemContent content, ref bool? hidden)
    {
        FieldProblem? problem;
        if (JsonFields.Is(ref reader, "title"u8))
        {
            reader.Read();
            string? title = null;
            problem = JsonFields.Once(ref seen, 0, "title") ?? JsonFields.ReadText(ref reader, "title", Limits.TextBytesMax, out title);
            content = content with { Title = title };
        }
        else if (JsonFields.Is(ref reader, "categories"u8))
        {
            reader.Read();
            ImmutableArray<string>? categories = null;
            problem = JsonFields.Once(ref seen, 1, "categories")
                ?? JsonFields.ReadTexts(ref reader, "categories", Limits.CategoriesMax, Limits.TextBytesMax, out categories);
            content = content with { Categories = categories ?? [] };
        }
        else if (JsonFields.Is(ref reader, "labels"u8))
        {
            reader.Read();
            ImmutableSortedDictionary<string, string>? labels = null;
            problem = JsonFields.Once(ref seen, 2, "labels")
                ?? JsonFields.ReadLabels(ref reader, "labels", isPatch: current is not null, out labels)
                ?? Merge(labels, ref content);
        }
        else if (JsonFields.Is(ref reader, "text"u8))
        {
            reader.Read();
            string? text = null;
            problem = JsonFields.Once(ref seen, 3, "text") ?? JsonFields.ReadText(ref reader, "text", Limits.ItemTextBytesMax, out text);
            content = content with { Text = text };
        }
        else if (JsonFields.Is(ref reader, "availableFrom"u8))
        {
            reader.Read();
            long? from = null;
            problem = JsonFields.Once(ref seen, 4, "availableFrom") ?? JsonFields.ReadTime(ref reader, "availableFrom", out from);
            content = content with { AvailableFromMs = from };
        }
        else if (JsonFields.Is(ref reader, "availableUntil"u8))
        {
            reader.Read();
            long? until = null;
            problem = JsonFields.Once(ref seen, 5, "availableUntil") ?? JsonFields.ReadTime(ref reader, "availableUntil", out until);
            content = content with { AvailableUntilMs = until };
        }
        else if (JsonFields.Is(ref reader, "hidden"u8))
        {
            reader.Read();
            problem = JsonFields.Once(ref seen, HiddenBit, "hidden") ?? JsonFields.ReadFlag(ref reader, "hidden", out hidden);
        }
        else
        {
            problem = ReadOfferField(ref reader, ref seen, ref content);
        }

        return problem;
    }

    private FieldProblem? ReadOfferField(ref Utf8JsonReader reader, ref uint seen, ref ItemContent content)
    {
        FieldProblem? problem;
        if (JsonFields.Is(ref reader, "price"u8))
        {
            reader.Read();
            decimal? price = null;
            problem = JsonFields.Once(ref seen, 7, "price") ?? JsonFields.ReadPrice(ref reader, "price", out price);
            content = content with { Price = price };
        }
        else if (JsonFields.Is(ref reader, "currency"u8))
        {
            reader.Read();
            problem = ReadRuled(ref reader, ref seen, 8, "currency", OfferRules.CurrencyProblem, out string? currency);
            content = content with { Currency = currency };
        }
        else if (JsonFields.Is(ref reader, "image"u8))
        {
            reader.Read();
            problem = ReadRuled(ref reader, ref seen, 9, "image", OfferRules.UrlProblem, out string? image);
            content = content with { Image = image };
        }
        else if (JsonFields.Is(ref reader, "url"u8))
        {
            reader.Read();
            problem = ReadRuled(ref reader, ref seen, 10, "url", OfferRules.UrlProblem, out string? url);
            content = content with { Url = url };
        }
        else if (JsonFields.Is(ref reader, "stock"u8))
        {
            reader.Read();
            int? stock = null;
            problem = JsonFields.Once(ref seen, 11, "stock") ?? JsonFields.ReadStock(ref reader, "stock", out stock);
            content = content with { Stock = stock };
        }
        else
        {
            problem = JsonFields.Unknown(ref reader, _fields);
        }

        return problem;
    }

    /// <summary>Reads a text and checks it by a rule; or JSON null.</summary>
    private static FieldProblem? ReadRuled(
        ref Utf8JsonReader reader, ref uint seen, int bit, string field, Func<string, string?> problemOf, out string? text)
    {
        text = null;
        return JsonFields.Once(ref seen, bit, field)
            ?? JsonFields.ReadText(ref reader, field, Limits.UrlBytesMax, out text)
            ?? (text is not null && problemOf(text) is { } problem ? new FieldProblem(field, problem) : null);
    }

    /// <summary>Sets the labels, or changes those in the body.</summary>
    private FieldProblem? Merge(ImmutableSortedDictionary<string, string>? labels, ref ItemContent content)
    {
        if (current is null || labels is null)
        {
            content = content with { Labels = labels ?? ItemContent.Empty.Labels };
            return null;
        }

        ImmutableSortedDictionary<string, string>.Builder merged = current.Labels.ToBuilder();
        foreach ((string name, string value) in labels)
        {
            if (value == "null")
            {
                merged.Remove(name);
            }
            else
            {
                merged[name] = value;
            }
        }

        content = content with { Labels = merged.ToImmutable() };
        return merged.Count > Limits.LabelsMax
            ? new FieldProblem("labels", $"has {merged.Count} entries including those that are kept; at most {Limits.LabelsMax} are allowed")
            : null;
    }

    private static FieldProblem? Finish(ItemId? itemId, ItemContent content, bool keepsHidden, long nowMs, out LogRecord? row)
    {
        row = null;
        if (itemId is not { } item)
        {
            return new FieldProblem("itemId", "is missing");
        }

        if (content.AvailableFromMs >= content.AvailableUntilMs)
        {
            return new FieldProblem("availableUntil", "must be later than availableFrom");
        }

        long bytes = Encoding.UTF8.GetByteCount(content.Title ?? "") + Encoding.UTF8.GetByteCount(content.Text ?? "")
            + Encoding.UTF8.GetByteCount(content.Image ?? "") + Encoding.UTF8.GetByteCount(content.Url ?? "")
            + content.Categories.Sum(category => (long)Encoding.UTF8.GetByteCount(category) + EntryOverheadBytes);
        if (RecordSize.OfItem(content.Labels, bytes) is { } tooLarge)
        {
            return tooLarge;
        }

        row = new LogRecord.ItemChanged(item, content, nowMs) { KeepsHidden = keepsHidden };
        return null;
    }
}
