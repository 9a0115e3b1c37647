namespace RecSys.Serving.Pipeline;

/// <summary>A pool of buffers for requests. It keeps at most <see cref="CountMax"/> of them; the garbage collector takes the others. Safe for concurrent use.</summary>
internal sealed class ScratchPool
{
    public const int CountMax = 32;

    private readonly SlateScratch?[] _kept = new SlateScratch?[CountMax];

    public SlateScratch Rent()
    {
        for (int i = 0; i < _kept.Length; i++)
        {
            if (Volatile.Read(ref _kept[i]) is not null && Interlocked.Exchange(ref _kept[i], null) is { } scratch)
            {
                return scratch;
            }
        }

        return new SlateScratch();
    }

    public void Return(SlateScratch scratch)
    {
        for (int i = 0; i < _kept.Length; i++)
        {
            if (Volatile.Read(ref _kept[i]) is null && Interlocked.CompareExchange(ref _kept[i], scratch, null) is null)
            {
                return;
            }
        }
    }
}
