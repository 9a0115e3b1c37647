using System.Collections.Immutable;

namespace RecSys.Core.Log;

/// <summary>Positions inside stored bytes: epoch, number of partitions, offsets.</summary>
internal static class LogPositionCodec
{
    public static void Write(ref ByteWriter writer, LogPosition position)
    {
        writer.Count(position.Epoch);
        writer.Count(position.PartitionCount);
        for (int partition = 0; partition < position.PartitionCount; partition++)
        {
            writer.Offset(position[partition]);
        }
    }

    public static LogPosition Read(ref ByteReader reader)
    {
        int epoch = reader.Count(int.MaxValue);
        int count = reader.Count(LogPosition.PartitionsMax);
        ImmutableArray<long>.Builder offsets = ImmutableArray.CreateBuilder<long>(count);
        for (int partition = 0; partition < count; partition++)
        {
            offsets.Add(reader.Offset());
        }

        return reader.IsBroken ? LogPosition.Start : new LogPosition(epoch, offsets.MoveToImmutable());
    }
}
