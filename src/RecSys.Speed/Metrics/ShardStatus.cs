namespace RecSys.Speed.Metrics;

/// <summary>How many shards of user actors this node has, as last asked.</summary>
internal sealed class ShardStatus
{
    private int _started;
    private int _silent;

    /// <summary>Shards that answered.</summary>
    public int Started => Volatile.Read(ref _started);

    /// <summary>Shards that did not answer in time.</summary>
    public int Silent => Volatile.Read(ref _silent);

    public void Set(int started, int silent)
    {
        Volatile.Write(ref _started, started);
        Volatile.Write(ref _silent, silent);
    }
}
