using RecSys.Core.Log;

namespace RecSys.Core.Ports;

/// <summary>Operations on every log, built on its port.</summary>
public static class InteractionLogExtensions
{
    /// <summary>Returns the position of the newest record of each partition.</summary>
    /// <exception cref="StoreUnavailableException">The log cannot be read now.</exception>
    public static async ValueTask<LogPosition> GetEndAsync(this IInteractionLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(log);
        LogRange[] ranges = await log.GetRangesAsync(cancellationToken).ConfigureAwait(false);
        return new LogPosition(log.Shape.Epoch, [.. ranges.Select(range => range.End - 1)]);
    }
}
