using System.Collections.Immutable;
using RecSys.Core.Log;

namespace RecSys.Core.Users;

/// <summary>The newest offset applied per partition of one epoch. Almost every user has records in one partition; further ones are in an array.</summary>
/// <param name="Epoch">Epoch of the log to which the offsets belong.</param>
/// <param name="Partition">The first partition with a record of the user.</param>
/// <param name="Offset">Newest applied offset of that partition; −1 if none.</param>
/// <param name="Others">The other partitions, by number, or null.</param>
internal readonly record struct ProfilePosition(int Epoch, int Partition, long Offset, ProfilePosition.Other[]? Others)
{
    public readonly record struct Other(int Partition, long Offset);

    public int SizeBytes => Others is null ? 0 : 24 + (16 * Others.Length);

    /// <summary>Gets the offsets of all partitions, by number.</summary>
    public Other[] All =>
        Offset < 0 ? []
        : Others is null ? [new Other(Partition, Offset)]
        : [.. Others.Append(new Other(Partition, Offset)).OrderBy(place => place.Partition)];

    public long OffsetOf(int epoch, int partition)
    {
        if (Offset < 0)
        {
            return -1;
        }

        if (epoch != Epoch)
        {
            return epoch < Epoch ? long.MaxValue : -1;
        }

        if (partition == Partition)
        {
            return Offset;
        }

        foreach (Other other in Others ?? [])
        {
            if (other.Partition == partition)
            {
                return other.Offset;
            }
        }

        return -1;
    }

    /// <summary>Returns the position after a record that it does not cover.</summary>
    public ProfilePosition With(RecordPosition record)
    {
        if (Offset < 0 || record.Epoch > Epoch)
        {
            return new ProfilePosition(record.Epoch, record.Partition, record.Offset, null);
        }

        return record.Partition == Partition ? this with { Offset = record.Offset } : WithOther(new Other(record.Partition, record.Offset));
    }

    // A method of its own: a lambda's captured variables are allocated at the start of the method, also where the lambda is not used.
    private ProfilePosition WithOther(Other here) => this with
    {
        Others = [.. (Others ?? []).Where(other => other.Partition != here.Partition).Append(here).OrderBy(other => other.Partition)],
    };

    public LogPosition ToLogPosition()
    {
        if (All is not [.., Other last] all)
        {
            return LogPosition.Start;
        }

        long[] offsets = new long[last.Partition + 1];
        Array.Fill(offsets, -1);
        foreach (Other place in all)
        {
            offsets[place.Partition] = place.Offset;
        }

        return new LogPosition(Epoch, ImmutableArray.Create(offsets));
    }
}
