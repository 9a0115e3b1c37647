using System.Collections.Immutable;
using System.Text.Json;
using RecSys.Core.Catalogue;
using RecSys.Core.Log;

namespace RecSys.Server.Bodies;

/// <summary>Writes items as the types of RecSys.Client define them; labels are stored as JSON.</summary>
internal static class ItemJson
{
    /// <summary>Writes an item of the catalogue.</summary>
    public static void Write(Utf8JsonWriter json, CatalogueItem item)
    {
        json.WriteStartObject();
        json.WriteString("itemId"u8, item.Id.Value);
        ItemContent content = item.Content;
        if (content.Title is not null)
        {
            json.WriteString("title"u8, content.Title);
        }

        WriteTexts(json, "categories"u8, content.Categories);
        WriteLabels(json, content.Labels);
        if (content.Text is not null)
        {
            json.WriteString("text"u8, content.Text);
        }

        if (content.AvailableFromMs is { } from)
        {
            json.WriteString("availableFrom"u8, Rfc3339.ToText(from));
        }

        if (content.AvailableUntilMs is { } until)
        {
            json.WriteString("availableUntil"u8, Rfc3339.ToText(until));
        }

        WriteOffer(json, content);
        json.WriteBoolean("hidden"u8, content.IsHidden);
        json.WriteString("updatedAt"u8, Rfc3339.ToText(item.ChangedAtMs));
        json.WriteEndObject();
    }

    /// <summary>Writes price, currency, image, link and stock, as far as they are set.</summary>
    public static void WriteOffer(Utf8JsonWriter json, ItemContent content)
    {
        if (content.Price is { } price)
        {
            json.WriteNumber("price"u8, price);
        }

        if (content.Currency is not null)
        {
            json.WriteString("currency"u8, content.Currency);
        }

        if (content.Image is not null)
        {
            json.WriteString("image"u8, content.Image);
        }

        if (content.Url is not null)
        {
            json.WriteString("url"u8, content.Url);
        }

        if (content.Stock is { } stock)
        {
            json.WriteNumber("stock"u8, stock);
        }
    }

    /// <summary>Writes labels.</summary>
    public static void WriteLabels(Utf8JsonWriter json, ImmutableSortedDictionary<string, string> labels)
    {
        json.WriteStartObject("labels"u8);
        foreach ((string name, string value) in labels)
        {
            json.WritePropertyName(name);
            json.WriteRawValue(value, skipInputValidation: true);
        }

        json.WriteEndObject();
    }

    /// <summary>Writes texts.</summary>
    public static void WriteTexts(Utf8JsonWriter json, ReadOnlySpan<byte> name, ImmutableArray<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }
}
