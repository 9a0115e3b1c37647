using System.Buffers;
using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Core.Log;
using RecSys.Core.Trends;

namespace RecSys.Speed.Folds;

/// <summary>Trends and co-visits as an <see cref="INodeFold"/>; a rebuilt fold can replace the current one.</summary>
/// <remarks>
/// The trends are in no partition ahead of the catalogue, because an item's categories are read from it at the item's first interaction; a partition
/// that the catalogue does not read needs no wait. Changes of items without interactions are skipped.
/// </remarks>
internal sealed class TrendsNodeFold(TrendsFold fold, ItemCatalogue catalogue, FoldLoop catalogueLoop, InteractionTypes types) : INodeFold
{
    public const string StoreName = "trends";

    private TrendsFold _fold = fold;
    private LogPosition _savedPosition = fold.Position;

    public string Name => StoreName;

    public TrendsFold Current => Volatile.Read(ref _fold);

    public LogPosition Position => Current.Position;

    public bool HasChanged => !Position.Equals(_savedPosition);

    public async ValueTask WaitForOthersAsync(RecordPosition record, CancellationToken cancellationToken)
    {
        if (catalogueLoop.Reads(record.Partition)
            && !catalogue.Position.Covers(record)
            && !await catalogueLoop.WaitAsync(() => catalogue.Position.Covers(record), cancellationToken).ConfigureAwait(false))
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    public void Apply(int epoch, int partition, ReadOnlySpan<LogEntry> entries) =>
        Current.Apply(epoch, partition, entries, catalogue, types);

    public void MoveTo(int epoch, int partition, long next) => Current.MoveTo(epoch, partition, next);

    public ReadOnlySequence<byte> Encode()
    {
        _savedPosition = Position;
        return Current.Encode();
    }

    /// <summary>Replaces the current fold by one that includes all its records.</summary>
    /// <returns>True.</returns>
    public bool Replace(TrendsFold rebuilt)
    {
        Volatile.Write(ref _fold, rebuilt);
        _savedPosition = LogPosition.Start;
        return true;
    }
}
