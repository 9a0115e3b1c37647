using System.Buffers;
using System.Text;
using RecSys.Core.Log;

namespace RecSys.Core.Catalogue;

/// <summary>Folds the log's item records into a catalogue. One writer; any number of threads may read <see cref="Current"/>.</summary>
public sealed class CatalogueFold
{
    private const byte Version = 1;

    private readonly Dictionary<string, string> _categories = new(StringComparer.Ordinal);
    private readonly FoldPosition _position = new();

    /// <summary>Gets the catalogue, always the same object.</summary>
    public ItemCatalogue Current { get; } = new();

    /// <summary>Applies records; skips those at or before <see cref="ItemCatalogue.Position"/>, those of users, and corrupt ones.</summary>
    /// <param name="epoch">Epoch of the records.</param>
    /// <param name="partition">Partition of the records.</param>
    /// <param name="entries">Consecutive records.</param>
    public void Apply(int epoch, int partition, ReadOnlySpan<LogEntry> entries)
    {
        bool moved = false;
        foreach (LogEntry entry in entries)
        {
            if (!_position.TryMoveTo(new RecordPosition(epoch, partition, entry.Offset)))
            {
                continue;
            }

            moved = true;
            if (ItemChangedOf(entry.Bytes.Span) is { } changed)
            {
                ApplyChange(changed);
            }
        }

        if (moved)
        {
            Current.MoveTo(_position.ToLogPosition());
        }
    }

    /// <summary>Moves the position over offsets without a record.</summary>
    /// <param name="epoch">Epoch of the partition.</param>
    /// <param name="partition">Number of the partition, from 0.</param>
    /// <param name="next">The offset that is read next, above 0.</param>
    public void MoveTo(int epoch, int partition, long next)
    {
        if (_position.TryMoveTo(new RecordPosition(epoch, partition, next - 1)))
        {
            Current.MoveTo(_position.ToLogPosition());
        }
    }

    /// <summary>Returns the bytes to save: version, position, items and deleted ids in the order of their ids, and a checksum.</summary>
    /// <remarks>The caller must not run <see cref="Apply"/> at the same time.</remarks>
    public ReadOnlySequence<byte> Encode()
    {
        SequenceBuffer bytes = new();
        ByteWriter writer = new(bytes);
        writer.Byte(Version);
        LogPositionCodec.Write(ref writer, Current.Position);
        writer.Count(Current.Count);
        foreach (CatalogueItem item in Current.All)
        {
            writer.Text(item.Id.Value, Limits.IdBytesMax, "the item's id");
            writer.Int64(item.AddedAtMs);
            writer.Int64(item.ChangedAtMs);
            ItemContentCodec.Write(ref writer, item.Content);
        }

        ItemId[] deleted = [.. Current.Deleted];
        writer.Count(deleted.Length);
        foreach (ItemId id in deleted)
        {
            writer.Text(id.Value, Limits.IdBytesMax, "the item's id");
        }

        writer.Flush();
        return Checksummed.Seal(bytes);
    }

    /// <summary>Restores a fold from the bytes that <see cref="Encode"/> returned.</summary>
    /// <exception cref="CorruptRecordException">The bytes are not those of a catalogue.</exception>
    public static CatalogueFold Decode(ReadOnlySequence<byte> bytes)
    {
        ByteReader reader = new(Checksummed.Open(bytes, "a catalogue"));
        if (reader.Byte() != Version)
        {
            reader.Break();
        }

        CatalogueFold fold = new();
        fold._position.Reset(LogPositionCodec.Read(ref reader));
        int count = reader.Count(int.MaxValue);
        for (int i = 0; i < count && !reader.IsBroken; i++)
        {
            ItemId id = ItemId.FromChecked(Encoding.UTF8.GetString(reader.Id()));
            long addedAtMs = reader.Int64();
            long changedAtMs = reader.Int64();
            if (ItemContentCodec.Read(ref reader) is { } content && !reader.IsBroken)
            {
                fold.Current.Set(new CatalogueItem(id, fold.Shared(content), addedAtMs, changedAtMs));
            }
            else
            {
                reader.Break();
            }
        }

        int deletedCount = reader.Count(int.MaxValue);
        for (int i = 0; i < deletedCount && !reader.IsBroken; i++)
        {
            fold.Current.Remove(ItemId.FromChecked(Encoding.UTF8.GetString(reader.Id())));
        }

        reader.RequireDone("a catalogue");
        fold.Current.MoveTo(fold._position.ToLogPosition());
        return fold;
    }

    private static LogRecord.ItemChanged? ItemChangedOf(ReadOnlySpan<byte> bytes)
    {
        ByteReader reader = new(bytes);
        if (!LogRecordHead.IsOfItem(LogRecordHead.Read(ref reader).Kind))
        {
            return null;
        }

        try
        {
            return (LogRecord.ItemChanged?)LogRecordCodec.Decode(bytes);
        }
        catch (CorruptRecordException)
        {
            return null;
        }
    }

    private void ApplyChange(LogRecord.ItemChanged changed)
    {
        if (changed.Content is { } content)
        {
            long addedAtMs = Current.TryGet(changed.Item, out CatalogueItem? before) && before.AddedAtMs != 0 ? before.AddedAtMs : changed.TimestampMs;
            content = changed.KeepsHidden ? content with { IsHidden = before?.Content.IsHidden ?? false } : content;
            Current.Set(new CatalogueItem(changed.Item, Shared(content), addedAtMs, changed.TimestampMs));
        }
        else
        {
            Current.Remove(changed.Item);
        }
    }

    /// <summary>Returns the content with one shared string per category, which saves memory.</summary>
    private ItemContent Shared(ItemContent content)
    {
        bool isShared = true;
        string[] shared = new string[content.Categories.Length];
        for (int i = 0; i < shared.Length; i++)
        {
            string category = content.Categories[i];
            if (!_categories.TryGetValue(category, out string? known))
            {
                _categories.Add(category, known = category);
            }

            shared[i] = known;
            isShared &= ReferenceEquals(known, category);
        }

        return isShared ? content : content with { Categories = [.. shared] };
    }
}
