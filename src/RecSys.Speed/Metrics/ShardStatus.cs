namespace RecSys.Speed.Metrics;

/// <summary>The number of user shards on this node, as of the last probe.</summary>
internal sealed class ShardStatus
{
    private int _started;
    private int _silent;

    /// <summary>Gets the number of shards that answered.</summary>
    public int Started => Volatile.Read(ref _started);

    /// <summary>Gets the number of shards that did not answer in time.</summary>
    public int Silent => Volatile.Read(ref _silent);

    public void Set(int started, int silent)
    {
        Volatile.Write(ref _started, started);
        Volatile.Write(ref _silent, silent);
    }
}
