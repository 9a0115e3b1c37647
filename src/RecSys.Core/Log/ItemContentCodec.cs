using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;

namespace RecSys.Core.Log;

/// <summary>Encodes an item's content in stored bytes: flags, then those of title, categories, labels, text and times that are set.</summary>
internal static class ItemContentCodec
{
    private const byte Exists = 1;
    private const byte HasTitle = 2;
    private const byte HasText = 4;
    private const byte HasFrom = 8;
    private const byte HasUntil = 16;
    private const byte IsHidden = 32;
    private const byte KeepsHidden = 64;

    /// <summary>Returns an upper estimate of the encoded size in bytes.</summary>
    /// <exception cref="ArgumentException">There are too many categories or labels.</exception>
    public static long SizeOf(ItemContent content)
    {
        if (content.Categories.Length > Limits.CategoriesMax)
        {
            throw new ArgumentException($"there are {content.Categories.Length} categories; at most {Limits.CategoriesMax} are allowed");
        }

        long size = LogRecordCodec.LabelsSize(content.Labels) + Encoding.UTF8.GetByteCount(content.Text ?? "") + Encoding.UTF8.GetByteCount(content.Title ?? "");
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
            | (keepsHidden ? KeepsHidden : 0)));
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
    }

    /// <summary>Reads a content; null if the item is deleted.</summary>
    public static ItemContent? Read(ref ByteReader reader) => Read(ref reader, out _);

    /// <summary>Reads a content; null if the item is deleted.</summary>
    public static ItemContent? Read(ref ByteReader reader, out bool keepsHidden)
    {
        byte flags = reader.Byte();
        keepsHidden = (flags & KeepsHidden) != 0;
        if (flags == 0)
        {
            return null;
        }

        if ((flags & Exists) == 0 || flags > (Exists | HasTitle | HasText | HasFrom | HasUntil | IsHidden | KeepsHidden))
        {
            reader.Break();
        }

        // Initialisers run in textual order, which is the order of the bytes.
        return new ItemContent
        {
            Title = (flags & HasTitle) != 0 ? reader.String(Limits.TextBytesMax) : null,
            Categories = ReadCategories(ref reader),
            Labels = LogRecordCodec.ReadLabels(ref reader),
            Text = (flags & HasText) != 0 ? reader.String(Limits.ItemTextBytesMax) : null,
            AvailableFromMs = (flags & HasFrom) != 0 ? reader.ZigZag() : null,
            AvailableUntilMs = (flags & HasUntil) != 0 ? reader.ZigZag() : null,
            IsHidden = (flags & IsHidden) != 0,
        };
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
