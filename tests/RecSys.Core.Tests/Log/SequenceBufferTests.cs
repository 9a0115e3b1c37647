using System.Buffers;
using CsCheck;
using RecSys.Core.Log;
using Xunit;

namespace RecSys.Core.Tests.Log;

public sealed class SequenceBufferTests
{
    [Fact]
    public void The_sequence_has_all_written_bytes_in_their_order() => Gen.Byte.Array[0, 3_000].Array[0, 9].Sample(writes =>
    {
        SequenceBuffer buffer = new();
        foreach (byte[] write in writes)
        {
            write.CopyTo(buffer.GetSpan(write.Length));
            buffer.Advance(write.Length);
        }

        byte[] expected = [.. writes.SelectMany(write => write)];
        Assert.Equal(expected.Length, buffer.Length);
        Assert.Equal(expected, buffer.ToSequence().ToArray());
        Assert.Equal(expected, buffer.ToSequence().ToArray());
    });

    [Fact]
    public void A_sequence_keeps_its_bytes_when_more_are_written()
    {
        SequenceBuffer buffer = new();
        buffer.Write<byte>([1, 2]);
        ReadOnlySequence<byte> before = buffer.ToSequence();
        buffer.Write<byte>([3]);

        Assert.Equal([1, 2], before.ToArray());
        Assert.Equal([1, 2, 3], buffer.ToSequence().ToArray());
    }

    [Fact]
    public void A_reader_of_a_sequence_reads_what_a_reader_of_one_array_reads() =>
        Gen.Select(Gen.Byte.Array[0, 200], Gen.Int[0, 9].Array[0, 60], Gen.Int[0, 30].Array[1, 60]).Sample((bytes, sizes, reads) =>
        {
            ByteReader whole = new(bytes);
            ByteReader segmented = new(Segmented(bytes, sizes));
            foreach (int read in reads)
            {
                switch (read % 6)
                {
                    case 0:
                        Assert.Equal(whole.Byte(), segmented.Byte());
                        break;
                    case 1:
                        Assert.Equal(whole.Varint(), segmented.Varint());
                        break;
                    case 2:
                        Assert.Equal(whole.Int64(), segmented.Int64());
                        break;
                    case 3:
                        Assert.Equal(whole.String(40), segmented.String(40));
                        break;
                    case 4:
                        Assert.Equal(whole.Bytes(read), segmented.Bytes(read));
                        break;
                    default:
                        Assert.Equal(whole.IsDone, segmented.IsDone);
                        break;
                }

                Assert.Equal(whole.IsBroken, segmented.IsBroken);
            }

            whole.Zeros();
            segmented.Zeros();
            Assert.Equal(whole.IsDone, segmented.IsDone);
        });

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void The_rest_of_a_sequence_with_empty_segments_is_checked_for_zeros(byte last, bool isDone)
    {
        ByteReader reader = new(Segmented([0, 0, last], [0, 1, 0, 0, 1, 0]));

        reader.Zeros();

        Assert.Equal(isDone, reader.IsDone);
    }

    [Fact]
    public void A_reader_passes_the_length_of_one_array()
    {
        ByteReader reader = new(Repeated(new byte[SequenceBuffer.SegmentBytesMax], 3_000));
        for (int i = 0; i < 3_000; i++)
        {
            Assert.Equal(SequenceBuffer.SegmentBytesMax, reader.Bytes(SequenceBuffer.SegmentBytesMax).Length);
        }

        Assert.True(reader.IsDone);
    }

    /// <summary>Returns a sequence that has the same segment many times.</summary>
    private static ReadOnlySequence<byte> Repeated(byte[] segment, int count)
    {
        Segment first = new(segment, null);
        Segment last = first;
        for (int i = 1; i < count; i++)
        {
            last = new Segment(segment, last);
        }

        return new ReadOnlySequence<byte>(first, 0, last, segment.Length);
    }

    /// <summary>Divides bytes into segments of the given sizes, some of which may be 0, and one with the rest.</summary>
    private static ReadOnlySequence<byte> Segmented(byte[] bytes, int[] sizes)
    {
        Segment first = new(default, null);
        Segment last = first;
        int start = 0;
        foreach (int size in sizes)
        {
            int length = Math.Min(size, bytes.Length - start);
            last = new Segment(bytes.AsMemory(start, length), last);
            start += length;
        }

        last = new Segment(bytes.AsMemory(start), last);
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> bytes, Segment? before)
        {
            Memory = bytes;
            if (before is not null)
            {
                RunningIndex = before.RunningIndex + before.Memory.Length;
                before.Next = this;
            }
        }
    }
}
