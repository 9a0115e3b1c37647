using System.Buffers;
using System.Text;

namespace RecSys.Core.Log;

/// <summary>
/// The stored bytes of log records: version 1, kind, owner (16 bytes; items have none), time (int64, little-endian), then the rest in
/// varints and UTF-8. The layout is only ever extended, and old bytes stay readable.
/// </summary>
/// <param name="hash">Converts user ids to owners.</param>
/// <remarks>Safe for concurrent use.</remarks>
public sealed partial class LogRecordCodec(OwnerHash hash)
{
    /// <summary>The smallest number of a kind that programs which do not know it may skip.</summary>
    public const byte SkippableKindMin = 128;

    private static readonly byte[] Erased = [LogRecordHead.Version, (byte)LogRecord.Kind.Erased];

    /// <summary>Gets the bytes that replace an erased record, which keeps its offset.</summary>
    public static ReadOnlySpan<byte> ErasedRecord => Erased;

    /// <summary>Returns the owner of a record: the target of a merge, the erased owner of an erasure; null for an item's record.</summary>
    public Owner? OwnerOf(LogRecord record) => record switch
    {
        LogRecord.Interaction interaction => hash.Of(interaction.User),
        LogRecord.InteractionRetracted retracted => hash.Of(retracted.User),
        LogRecord.UserChanged changed => hash.Of(changed.User),
        LogRecord.UsersMerged merged => hash.Of(merged.Target),
        LogRecord.PersonErased erased => erased.Owner,
        LogRecord.MergeErased undone => undone.Target,
        LogRecord.UsersLinked linked => linked.Target,
        _ => null,
    };

    /// <summary>Appends a record's bytes.</summary>
    /// <exception cref="ArgumentException">A text, a list or the record exceeds its limit (<see cref="Limits"/>), a text is not valid Unicode,
    /// or a number is not finite. The buffer may then contain the beginning of the record.</exception>
    public void Encode(LogRecord record, IBufferWriter<byte> into)
    {
        ArgumentNullException.ThrowIfNull(record);
        Encode(record, OwnerOf(record), into);
    }

    /// <summary>Appends a record's bytes with an owner that was computed before (<see cref="OwnerOf"/>).</summary>
    /// <exception cref="ArgumentException">The same as for the other overload.</exception>
    public static void Encode(LogRecord record, Owner? owner, IBufferWriter<byte> into)
    {
        ArgumentNullException.ThrowIfNull(record);
        ArgumentNullException.ThrowIfNull(into);

        ByteWriter writer = new(into);
        Owner stored = owner ?? default;
        switch (record)
        {
            case LogRecord.Interaction interaction:
                Require(interaction);
                LogRecordHead.Write(ref writer, LogRecord.Kind.Interaction, stored, interaction.TimestampMs);
                Write(ref writer, interaction.User);
                InteractionPayload.Write(ref writer, interaction);
                if (interaction.Context is { } context)
                {
                    Write(ref writer, context);
                }

                break;
            case LogRecord.InteractionRetracted retracted:
                RequireId(retracted.Id, "the interaction's id");
                LogRecordHead.Write(ref writer, LogRecord.Kind.InteractionRetracted, stored, retracted.TimestampMs);
                Write(ref writer, retracted.User);
                writer.Text(retracted.Id, Limits.IdBytesMax, "the interaction's id");
                break;
            case LogRecord.UserChanged changed:
                RequireSize(LabelsSize(changed.Labels), Limits.UserRecordBytesMax);
                LogRecordHead.Write(ref writer, LogRecord.Kind.UserChanged, stored, changed.TimestampMs);
                Write(ref writer, changed.User);
                Write(ref writer, changed);
                break;
            case LogRecord.UsersMerged merged:
                LogRecordHead.Write(ref writer, LogRecord.Kind.UsersMerged, stored, merged.TimestampMs);
                Write(ref writer, merged.Target);
                Write(ref writer, merged.From);
                writer.Owner(merged.FromOwner);
                break;
            case LogRecord.PersonErased erased:
                LogRecordHead.Write(ref writer, LogRecord.Kind.PersonErased, stored, erased.TimestampMs);
                LogPositionCodec.Write(ref writer, erased.UpTo);
                break;
            case LogRecord.MergeErased undone:
                LogRecordHead.Write(ref writer, LogRecord.Kind.MergeErased, stored, undone.TimestampMs);
                writer.Owner(undone.From);
                LogPositionCodec.Write(ref writer, undone.UpTo);
                break;
            case LogRecord.UsersLinked linked:
                LogRecordHead.Write(ref writer, LogRecord.Kind.UsersLinked, stored, linked.TimestampMs);
                writer.Owner(linked.From);
                break;
            case LogRecord.ItemChanged item:
                RequireSize(item.Content is { } content ? ItemContentCodec.SizeOf(content) : 0, Limits.RecordBytesMax);
                LogRecordHead.Write(ref writer, KindOf(item), default, item.TimestampMs);
                writer.Text(item.Item.Value, Limits.IdBytesMax, "the item's id");
                ItemContentCodec.Write(ref writer, item.Content, item.KeepsHidden);
                break;
            default:
                throw new ArgumentException($"a record of type {record.GetType().Name} is not stored", nameof(record));
        }

        writer.Flush();
    }

    /// <summary>Reads a record.</summary>
    /// <returns>Null for an erased record.</returns>
    /// <exception cref="CorruptRecordException">The bytes are not those of a record.</exception>
    public static LogRecord? Decode(ReadOnlySpan<byte> bytes)
    {
        ByteReader reader = new(bytes);
        LogRecordHead head = LogRecordHead.Read(ref reader);
        LogRecord? record = reader.IsBroken ? null : head.Kind switch
        {
            LogRecord.Kind.Interaction => ReadInteraction(ref reader, head),
            LogRecord.Kind.InteractionRetracted =>
                new LogRecord.InteractionRetracted(ReadUser(ref reader), Encoding.UTF8.GetString(reader.Id()), head.TimestampMs),
            LogRecord.Kind.UserChanged => ReadUserChanged(ref reader, head),
            LogRecord.Kind.UsersMerged =>
                new LogRecord.UsersMerged(ReadUser(ref reader), ReadUser(ref reader), reader.Owner(), head.TimestampMs),
            LogRecord.Kind.PersonErased => new LogRecord.PersonErased(head.Owner, LogPositionCodec.Read(ref reader), head.TimestampMs),
            LogRecord.Kind.ItemChanged or LogRecord.Kind.OfferChanged => ReadItemChanged(ref reader, head),
            LogRecord.Kind.MergeErased => new LogRecord.MergeErased(head.Owner, reader.Owner(), LogPositionCodec.Read(ref reader), head.TimestampMs),
            LogRecord.Kind.UsersLinked => ReadUsersLinked(ref reader, head),
            _ => null,
        };

        reader.RequireDone("a record");
        return record;
    }

    /// <summary>
    /// Returns whether this program can read the bytes of a record whose stored checksum is correct. A program may skip a kind from 128 on that
    /// it does not know; it must not skip another unknown kind or a newer version of the layout.
    /// </summary>
    public static RecordReadability ReadabilityOf(ReadOnlySpan<byte> bytes) =>
        bytes.Length < 2 || bytes[0] == 0 ? RecordReadability.Corrupt
        : bytes[0] > LogRecordHead.Version ? RecordReadability.NeedsNewerVersion
        : bytes[1] <= (byte)LogRecordHead.NewestKind ? RecordReadability.Readable
        : bytes[1] >= SkippableKindMin ? RecordReadability.MayBeSkipped
        : RecordReadability.NeedsNewerVersion;

    /// <summary>Returns whether bytes without a checksum have the layout of a record of version 1; a flipped bit within a text or a number is not detected.</summary>
    public static bool IsWellFormed(ReadOnlySpan<byte> bytes)
    {
        if (bytes.SequenceEqual(ErasedRecord)
            || (EncodedInteraction.TryRead(bytes, out EncodedInteraction interaction) && (interaction.Body.Flags & InteractionPayload.HasContext) == 0))
        {
            return true;
        }

        try
        {
            Decode(bytes);
            return true;
        }
        catch (CorruptRecordException)
        {
            return false;
        }
    }

    /// <summary>Overwrites a record in place with its remainder after an erasure, padded with zeros.</summary>
    /// <param name="record">The bytes of a record that is the erased person's, or a merge of them into another.</param>
    /// <param name="erased">The erased person.</param>
    /// <remarks>A merge into another user becomes a link (<see cref="LogRecord.UsersLinked"/>); any other record keeps only its offset and length.</remarks>
    public static void Overwrite(Span<byte> record, Owner erased)
    {
        if (record.Length > 1 && record[0] == LogRecordHead.Version && record[1] == (byte)LogRecord.Kind.UsersMerged
            && TryGetOwner(record, out Owner target) && target != erased && Decode(record) is LogRecord.UsersMerged merged)
        {
            // A link is shorter than the merge, which also has two ids of at least two bytes each.
            ArrayBufferWriter<byte> link = new();
            Encode(new LogRecord.UsersLinked(target, merged.FromOwner, merged.TimestampMs), target, link);
            record.Clear();
            link.WrittenSpan.CopyTo(record);
            return;
        }

        record.Clear();
        ErasedRecord[..Math.Min(record.Length, ErasedRecord.Length)].CopyTo(record);
    }

    /// <summary>Reads a link, which replaced a longer record and is therefore followed by zeros.</summary>
    private static LogRecord.UsersLinked ReadUsersLinked(ref ByteReader reader, LogRecordHead head)
    {
        LogRecord.UsersLinked linked = new(head.Owner, reader.Owner(), head.TimestampMs);
        reader.Zeros();
        return linked;
    }

    private static LogRecord.ItemChanged ReadItemChanged(ref ByteReader reader, LogRecordHead head)
    {
        ItemId item = ItemId.FromChecked(Encoding.UTF8.GetString(reader.Id()));
        ItemContent? content = ItemContentCodec.Read(ref reader, out bool keepsHidden);
        LogRecord.ItemChanged changed = new(item, content, head.TimestampMs) { KeepsHidden = keepsHidden };
        if (KindOf(changed) != head.Kind)
        {
            reader.Break();
        }

        return changed;
    }

    /// <summary>Returns the kind of an item's record: fields that earlier versions cannot read have their own, which stops those versions.</summary>
    private static LogRecord.Kind KindOf(LogRecord.ItemChanged changed) =>
        changed.Content?.HasOffer == true ? LogRecord.Kind.OfferChanged : LogRecord.Kind.ItemChanged;

    /// <summary>Returns the kind of a record.</summary>
    /// <exception cref="CorruptRecordException">The beginning is not that of a record.</exception>
    public static LogRecord.Kind KindOf(ReadOnlySpan<byte> bytes) => HeadOf(bytes).Kind;

    /// <summary>Returns the time of a record, in milliseconds since 1970, UTC; 0 for an erased record.</summary>
    /// <exception cref="CorruptRecordException">The beginning is not that of a record.</exception>
    public static long TimestampMsOf(ReadOnlySpan<byte> bytes) => HeadOf(bytes).TimestampMs;

    /// <summary>Returns the owner of a record.</summary>
    /// <returns>False for an item's record and an erased one, which have no owner, and for corrupt bytes.</returns>
    public static bool TryGetOwner(ReadOnlySpan<byte> bytes, out Owner owner)
    {
        ByteReader reader = new(bytes);
        LogRecordHead head = LogRecordHead.Read(ref reader);
        owner = head.Owner;
        return !reader.IsBroken && LogRecordHead.HasOwner(head.Kind);
    }

    private static LogRecordHead HeadOf(ReadOnlySpan<byte> bytes)
    {
        ByteReader reader = new(bytes);
        LogRecordHead head = LogRecordHead.Read(ref reader);
        return reader.IsBroken ? throw new CorruptRecordException("the beginning of a record is corrupt") : head;
    }
}
