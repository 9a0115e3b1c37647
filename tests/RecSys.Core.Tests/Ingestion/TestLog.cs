using System.Buffers;
using System.Globalization;
using RecSys.Core.Ingestion;
using RecSys.Core.Log;

namespace RecSys.Core.Tests.Ingestion;

/// <summary>Records of a few users for tests of the machines.</summary>
internal static class TestLog
{
    private static readonly LogRecordCodec Codec = new(new OwnerHash(new byte[OwnerHash.KeySizeBytes]));

    public static Owner OwnerOf(string user) => new OwnerHash(new byte[OwnerHash.KeySizeBytes]).Of(new UserId(user));

    public static LogEntry Record(long offset, string user, int contextChars = 0)
    {
        ArrayBufferWriter<byte> bytes = new();
        Codec.Encode(
            new LogRecord.Interaction(new UserId(user), new ItemId(string.Create(CultureInfo.InvariantCulture, $"item-{offset}")), "view", offset)
            {
                Context = contextChars == 0 ? null : new InteractionContext { Location = new string('x', contextChars) },
            },
            bytes);
        return new LogEntry(offset, bytes.WrittenMemory);
    }

    public static LogChunk Chunk(long next, params LogEntry[] records) => new(0, records, next);

    public static Take Take(string user, long @base, long after, params LogEntry[] records) =>
        new(OwnerOf(user), 0, 0, @base, after, Ticket: 1, records);
}
