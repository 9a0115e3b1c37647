namespace RecSys.Core.Log;

/// <summary>The beginning of every record: version, kind, owner (items have none) and time. An erased record has only version and kind.</summary>
internal readonly record struct LogRecordHead(LogRecord.Kind Kind, Owner Owner, long TimestampMs)
{
    public const byte Version = 1;

    /// <summary>The newest kind that this program knows.</summary>
    public const LogRecord.Kind NewestKind = LogRecord.Kind.OfferChanged;

    public static bool HasOwner(LogRecord.Kind kind) => kind != LogRecord.Kind.Erased && !IsOfItem(kind);

    /// <summary>Returns whether records of a kind are read as <see cref="LogRecord.ItemChanged"/>.</summary>
    public static bool IsOfItem(LogRecord.Kind kind) => kind is LogRecord.Kind.ItemChanged or LogRecord.Kind.OfferChanged;

    public static LogRecordHead Read(ref ByteReader reader)
    {
        if (reader.Byte() != Version)
        {
            reader.Break();
        }

        LogRecord.Kind kind = (LogRecord.Kind)reader.Byte();
        if (kind > NewestKind)
        {
            reader.Break();
        }

        Owner owner = HasOwner(kind) ? reader.Owner() : default;
        long timestampMs = kind == LogRecord.Kind.Erased ? 0 : reader.Int64();
        return reader.IsBroken ? default : new LogRecordHead(kind, owner, timestampMs);
    }

    public static void Write(ref ByteWriter writer, LogRecord.Kind kind, Owner owner, long timestampMs)
    {
        writer.Byte(Version);
        writer.Byte((byte)kind);
        if (HasOwner(kind))
        {
            writer.Owner(owner);
        }

        writer.Int64(timestampMs);
    }
}
