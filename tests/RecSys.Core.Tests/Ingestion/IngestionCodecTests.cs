using System.Buffers;
using System.Collections.Immutable;
using RecSys.Core.Ingestion;
using RecSys.Core.Log;
using Xunit;

namespace RecSys.Core.Tests.Ingestion;

public sealed class IngestionCodecTests
{
    private static readonly Owner Ada = new(Convert.FromHexString("000102030405060708090A0B0C0D0E0F"));

    private static readonly Take Take = new(
        Ada, Epoch: 1, Partition: 2, Base: -1, After: 3, Ticket: 4, new LogEntry[] { new(5, new byte[] { 0xAA, 0xBB }), new(9, new byte[] { 0xCC }) });

    [Fact]
    public void The_bytes_of_messages_do_not_change()
    {
        const string Head = "000102030405060708090A0B0C0D0E0F0100000002000000";

        Assert.Equal(
            "0101" + Head + "FFFFFFFFFFFFFFFF" + "0300000000000000" + "0400000000000000" + "02000000"
            + "0500000000000000" + "02000000" + "AABB" + "0900000000000000" + "01000000" + "CC",
            Hex(bytes => IngestionCodec.Encode(Take, bytes)));
        Assert.Equal(
            "0102" + Head + "0400000000000000" + "0900000000000000" + "0300000000000000",
            Hex(bytes => IngestionCodec.Encode(new Taken(Ada, 1, 2, Ticket: 4, Has: 9, SavedUpTo: 3), bytes)));
        Assert.Equal(
            "0103" + Head + "0400000000000000" + "FFFFFFFFFFFFFFFF" + "FFFFFFFFFFFFFFFF",
            Hex(bytes => IngestionCodec.Encode(new Gap(Ada, 1, 2, Ticket: 4, Has: -1, SavedUpTo: -1), bytes)));
        Assert.Equal("0104" + Head + "0900000000000000", Hex(bytes => IngestionCodec.Encode(new Saved(Ada, 1, 2, UpTo: 9), bytes)));
    }

    [Fact]
    public void Written_messages_are_read_back_unchanged()
    {
        ArrayBufferWriter<byte> bytes = new();
        IngestionCodec.Encode(Take, bytes);

        Take read = Assert.IsType<Take>(IngestionCodec.Decode(bytes.WrittenMemory));

        Assert.Equal(IngestionCodec.SizeOf(Take), bytes.WrittenCount);
        Assert.Equal((Take.Owner, 1, 2, -1L, 3L, 4L, 9L), (read.Owner, read.Epoch, read.Partition, read.Base, read.After, read.Ticket, read.Last));
        Assert.Equal([0xCC], read.Records.Span[1].Bytes.ToArray());
        foreach (object message in new object[] { new Taken(Ada, 0, 7, 1, 2, 3), new Gap(Ada, 0, 7, 1, 2, 3), new Saved(Ada, 0, 7, 1) })
        {
            ArrayBufferWriter<byte> small = new();
            if (message is TakeAnswer answer)
            {
                IngestionCodec.Encode(answer, small);
            }
            else
            {
                IngestionCodec.Encode((Saved)message, small);
            }

            Assert.Equal(message, IngestionCodec.Decode(small.WrittenMemory));
        }
    }

    [Fact]
    public void Truncated_and_unknown_messages_are_refused()
    {
        ArrayBufferWriter<byte> bytes = new();
        IngestionCodec.Encode(Take, bytes);
        byte[] whole = bytes.WrittenSpan.ToArray();

        for (int length = 0; length < whole.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => IngestionCodec.Decode(whole.AsMemory(0, length)));
        }

        Assert.Throws<InvalidDataException>(() => IngestionCodec.Decode(whole.Append((byte)0).ToArray()));
        Assert.Throws<InvalidDataException>(() => IngestionCodec.Decode(With(0, 2)));
        Assert.Throws<InvalidDataException>(() => IngestionCodec.Decode(With(1, 9)));
        Assert.Throws<InvalidDataException>(() => IngestionCodec.Decode(With(IngestionCodec.TakeHeadBytes - 1, 0x7F)));

        byte[] With(int index, byte value)
        {
            byte[] changed = [.. whole];
            changed[index] = value;
            return changed;
        }
    }

    [Fact]
    public void The_bytes_of_a_checkpoint_do_not_change()
    {
        const string Content = "01000000" + "02000000" + "2C01000000000000" + "01000000"
            + "000102030405060708090A0B0C0D0E0F" + "0500000000000000" + "2B01000000000000";
        IngestCheckpoint checkpoint = new(1, 2, 300, [new ParkedUser(Ada, First: 5, Last: 299)]);

        byte[] bytes = IngestCheckpointCodec.Encode(checkpoint);
        IngestCheckpoint read = IngestCheckpointCodec.Decode(bytes);

        Assert.Equal(
            "02" + Content + "1855F107466C3597",
            Convert.ToHexString(bytes));
        Assert.Equal(read.Parked, IngestCheckpointCodec.Decode(Convert.FromHexString("01" + Content)).Parked.AsEnumerable());
        Assert.Equal((1, 2, 300L), (read.Epoch, read.Partition, read.Position));
        Assert.Equal(checkpoint.Parked, read.Parked.AsEnumerable());
        Assert.Equal("ingest-1-2", IngestCheckpoint.KeyOf(1, 2));
    }

    [Fact]
    public void A_truncated_or_damaged_checkpoint_is_refused()
    {
        byte[] bytes = IngestCheckpointCodec.Encode(new IngestCheckpoint(0, 0, 1, ImmutableArray.Create(new ParkedUser(Ada, 0, 0))));

        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<CorruptRecordException>(() => IngestCheckpointCodec.Decode(bytes.AsSpan(0, length)));
        }

        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            byte[] flipped = [.. bytes];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<CorruptRecordException>(() => IngestCheckpointCodec.Decode(flipped));
        }
    }

    private static string Hex(Action<IBufferWriter<byte>> write)
    {
        ArrayBufferWriter<byte> bytes = new();
        write(bytes);
        return Convert.ToHexString(bytes.WrittenSpan);
    }
}
