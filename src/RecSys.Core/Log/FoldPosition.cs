using System.Collections.Immutable;

namespace RecSys.Core.Log;

/// <summary>The position of a fold over all partitions. Epochs are read one after the other: the first record of a newer epoch ends the older one.</summary>
internal sealed class FoldPosition
{
    private long[] _offsets = [];

    public int Epoch { get; private set; }

    /// <summary>Moves to a record; returns false if it is covered already.</summary>
    public bool TryMoveTo(RecordPosition record)
    {
        if (record.Epoch != Epoch)
        {
            if (record.Epoch < Epoch)
            {
                return false;
            }

            Epoch = record.Epoch;
            _offsets = [];
        }

        if (record.Partition >= _offsets.Length)
        {
            int known = _offsets.Length;
            Array.Resize(ref _offsets, record.Partition + 1);
            _offsets.AsSpan(known).Fill(-1);
        }

        ref long offset = ref _offsets[record.Partition];
        if (record.Offset <= offset)
        {
            return false;
        }

        offset = record.Offset;
        return true;
    }

    public void Reset(LogPosition position)
    {
        Epoch = position.Epoch;
        _offsets = new long[position.PartitionCount];
        for (int partition = 0; partition < _offsets.Length; partition++)
        {
            _offsets[partition] = position[partition];
        }
    }

    public LogPosition ToLogPosition() => new(Epoch, ImmutableArray.Create(_offsets));
}
