using RecSys.Core.Diagnostics;
using RecSys.Core.Log;
using RecSys.Core.Ports;

namespace RecSys.Server.Health;

/// <summary>Checks the data in the log of a running server, as <c>recsys doctor</c> does in the files. Each check reads the whole log.</summary>
internal sealed class DataHealth(IInteractionLog log) : IHealthChecks
{
    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<HealthFinding>> CheckAsync(CancellationToken cancellationToken)
    {
        LogRange[] ranges = await log.GetRangesAsync(cancellationToken).ConfigureAwait(false);
        LogCensus census = new(ranges.Sum(range => range.End - range.Start));
        LogPosition end = new(log.Shape.Epoch, [.. ranges.Select(range => range.End - 1)]);
        await foreach ((_, ReadOnlyMemory<LogEntry> entries) in log.ReadUpToAsync(end, progress: null, cancellationToken).ConfigureAwait(false))
        {
            foreach (LogEntry entry in entries.Span)
            {
                census.Add(entry.Offset, entry.Bytes.Span);
            }
        }

        return census.Report();
    }
}
