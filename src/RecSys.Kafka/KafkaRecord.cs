using System.Buffers.Binary;
using RecSys.Core;
using RecSys.Core.Log;

namespace RecSys.Kafka;

/// <summary>The value of a message: the checksum of the record (<see cref="LogChecksum.OfRecord"/>, little-endian), then its bytes, as in the log on SQLite.</summary>
internal static class KafkaRecord
{
    /// <summary>Version of this layout; another one needs another topic.</summary>
    public const int Format = 1;

    /// <summary>Number of bytes before the record.</summary>
    public const int HeadBytes = sizeof(uint);

    /// <summary>The largest message: a record, its checksum, its key, and the heads of a message and of a batch of one.</summary>
    public const int MessageBytesMax = Limits.RecordBytesMax + 4_096;

    public static byte[] Frame(ReadOnlySpan<byte> record)
    {
        byte[] value = GC.AllocateUninitializedArray<byte>(HeadBytes + record.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(value, LogChecksum.OfRecord(record));
        record.CopyTo(value.AsSpan(HeadBytes));
        return value;
    }

    /// <summary>Returns the record of a value.</summary>
    /// <param name="value">The value; null for a message without one.</param>
    /// <param name="record">The bytes of the record.</param>
    /// <returns>False if the bytes are not those of a record: they are damaged, or another program wrote them.</returns>
    public static bool TryOpen(byte[]? value, out ReadOnlyMemory<byte> record)
    {
        if (value is null || value.Length <= HeadBytes || BinaryPrimitives.ReadUInt32LittleEndian(value) != LogChecksum.OfRecord(value.AsSpan(HeadBytes)))
        {
            record = default;
            return false;
        }

        record = value.AsMemory(HeadBytes);
        return true;
    }
}
