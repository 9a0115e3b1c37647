namespace RecSys.Server.Bodies;

/// <summary>Limits the total bytes of all requests in memory. Safe for concurrent use.</summary>
/// <remarks>A quarter is reserved for holders of at most <see cref="SmallBytesMax"/>, so that a few large ones do not block small ones.</remarks>
/// <param name="max">The largest number of bytes held at the same time.</param>
internal abstract class MemoryLimiter(long max)
{
    /// <summary>The largest number of bytes of a holder that may use the reserve.</summary>
    public const int SmallBytesMax = 65_536;

    private const int ReserveDivisor = 4;
    private readonly long _largeMax = max - (max / ReserveDivisor);
    private long _held;

    /// <summary>Gets the bytes held now.</summary>
    /// <remarks>invariant: Held = the sum of <see cref="MemoryPermit.Bytes"/> over all permits; 0 once no request is in progress.</remarks>
    public long Held => Interlocked.Read(ref _held);

    /// <summary>Opens a permit of 0 bytes.</summary>
    public MemoryPermit Open() => new(this);

    /// <summary>Changes the bytes of one holder; returns false without a change if the limit would be exceeded.</summary>
    public bool TryChange(long from, long to)
    {
        long held = Interlocked.Add(ref _held, to - from);
        if (to <= from || held <= (to <= SmallBytesMax ? max : _largeMax))
        {
            return true;
        }

        Interlocked.Add(ref _held, from - to);
        return false;
    }
}

/// <summary>Limits the bytes of request bodies that are in memory.</summary>
internal sealed class RequestMemoryLimiter(long max) : MemoryLimiter(max)
{
    /// <summary>Gets the error message for a body that exceeds the limit.</summary>
    public string Exhausted { get; } = $"the bodies in memory have reached their limit of {max} bytes; retry in a moment";
}

/// <summary>Limits the bytes of answers that are in memory until their clients have read them.</summary>
internal sealed class AnswerMemoryLimiter(long max) : MemoryLimiter(max)
{
    /// <summary>Gets the error message for an answer that exceeds the limit.</summary>
    public string Exhausted { get; } = $"the answers in memory have reached their limit of {max} bytes; retry in a moment, or request less";
}

/// <summary>The share of one request in a <see cref="MemoryLimiter"/>; returned by <see cref="Dispose"/>. For one thread at a time.</summary>
internal sealed class MemoryPermit(MemoryLimiter limiter) : IDisposable
{
    /// <summary>Gets the bytes held.</summary>
    public long Bytes { get; private set; }

    /// <summary>Sets the number of bytes held; returns false without a change if the limit would be exceeded. A smaller number always succeeds.</summary>
    public bool TrySet(long bytes)
    {
        if (!limiter.TryChange(Bytes, bytes))
        {
            return false;
        }

        Bytes = bytes;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => TrySet(0);
}
