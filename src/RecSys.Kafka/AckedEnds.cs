namespace RecSys.Kafka;

/// <summary>The known ends of the partitions: the offsets before them are durable. Safe for concurrent use.</summary>
internal sealed class AckedEnds(int partitions)
{
    private readonly long[] _known = new long[partitions];
    private readonly long[] _acked = new long[partitions];

    /// <summary>Raised when an acknowledged offset does not follow the one before it: the topic was deleted and created again.</summary>
    public event Action? TopicReplaced;

    public int Count => _known.Length;

    /// <summary>Returns the largest known end of a partition.</summary>
    public long this[int partition] => Volatile.Read(ref _known[partition]);

    /// <summary>Returns the end after the last append of this process that was acknowledged.</summary>
    public long Acked(int partition) => Volatile.Read(ref _acked[partition]);

    /// <summary>Stores the end after an acknowledged append.</summary>
    /// <returns>False if the end is not after the one before.</returns>
    public bool TryMove(int partition, long end)
    {
        if (end <= Acked(partition))
        {
            TopicReplaced?.Invoke();
            return false;
        }

        Volatile.Write(ref _acked[partition], end);
        Note(partition, end);
        return true;
    }

    /// <summary>Stores an end that the brokers reported.</summary>
    public void Note(int partition, long end)
    {
        long known = this[partition];
        while (end > known)
        {
            long before = Interlocked.CompareExchange(ref _known[partition], end, known);
            if (before == known)
            {
                return;
            }

            known = before;
        }
    }
}
