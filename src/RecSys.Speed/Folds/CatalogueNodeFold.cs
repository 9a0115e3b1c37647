using System.Buffers;
using RecSys.Core.Catalogue;
using RecSys.Core.Log;

namespace RecSys.Speed.Folds;

/// <summary>The item catalogue as an <see cref="INodeFold"/>.</summary>
internal sealed class CatalogueNodeFold(CatalogueFold fold) : INodeFold
{
    public const string StoreName = "catalogue";

    private long _savedVersion = fold.Current.Version;

    public string Name => StoreName;

    public ItemCatalogue Current => fold.Current;

    public LogPosition Position => fold.Current.Position;

    public bool HasChanged => fold.Current.Version != _savedVersion;

    public ValueTask WaitForOthersAsync(RecordPosition record, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public void Apply(int epoch, int partition, ReadOnlySpan<LogEntry> entries) => fold.Apply(epoch, partition, entries);

    public void MoveTo(int epoch, int partition, long next) => fold.MoveTo(epoch, partition, next);

    public ReadOnlySequence<byte> Encode()
    {
        _savedVersion = fold.Current.Version;
        return fold.Encode();
    }
}
