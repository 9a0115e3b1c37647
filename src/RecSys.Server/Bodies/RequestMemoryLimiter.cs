using Microsoft.Extensions.Options;

namespace RecSys.Server.Bodies;

/// <summary>How many bytes of bodies are held at once, by all requests together.</summary>
internal sealed class RequestMemoryLimiter(IOptions<RecSysServerOptions> options)
{
    private readonly long _max = options.Value.BodiesInFlightBytesMax;
    private long _taken;

    /// <summary>Says that the budget is spent.</summary>
    public string Exhausted => $"bodies of {_max} bytes are being read; come again in a moment";

    /// <summary>Takes bytes; false if they are not there, and nothing is taken.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= _max)
        {
            return true;
        }

        Return(bytes);
        return false;
    }

    /// <summary>Gives bytes back.</summary>
    public void Return(long bytes) => Interlocked.Add(ref _taken, -bytes);
}
