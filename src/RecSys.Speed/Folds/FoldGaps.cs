using System.Buffers;
using Microsoft.Extensions.Logging;
using RecSys.Core.Log;
using RecSys.Core.Ports;

namespace RecSys.Speed.Folds;

/// <summary>Keeps, over restarts, which records retention removed before the folds of this node had read them. Safe for concurrent use.</summary>
internal sealed partial class FoldGaps
{
    private readonly Lock _lock = new();
    private readonly IFoldStore _store;
    private readonly ILogger<FoldGaps> _logger;
    private RemovedRecords _removed;

    public FoldGaps(IFoldStore store, ILogger<FoldGaps> logger)
    {
        _store = store;
        _logger = logger;
        _removed = Load();
    }

    /// <summary>Gets the removed records.</summary>
    public RemovedRecords Removed => Volatile.Read(ref _removed);

    /// <summary>Records that a fold continues after removed records.</summary>
    /// <param name="fold">Name of the fold.</param>
    /// <param name="partition">Number of the partition, from 0.</param>
    /// <param name="from">The offset that the fold needs next.</param>
    /// <param name="start">The first offset that the log has; larger than <paramref name="from"/>.</param>
    public void OnRemoved(string fold, int partition, long from, long start)
    {
        LogMissing(_logger, fold, partition, from, start);
        Set(removed => removed.With(fold, partition, from, start));
    }

    /// <summary>Records that a fold was rebuilt from the records that the log has.</summary>
    public void OnRebuilt(string fold)
    {
        if (Removed.Places.Any(place => place.Fold == fold))
        {
            Set(removed => removed.Without(fold));
        }
    }

    private void Set(Func<RemovedRecords, RemovedRecords> change)
    {
        lock (_lock)
        {
            RemovedRecords removed = change(_removed);
            Volatile.Write(ref _removed, removed);
            try
            {
                _store.Save(RemovedRecords.FoldName, new(removed.Encode()));
            }
            catch (StoreUnavailableException e)
            {
                LogNotSaved(_logger, e);
            }
        }
    }

    private RemovedRecords Load()
    {
        try
        {
            return _store.Load(RemovedRecords.FoldName) is { } bytes ? RemovedRecords.Decode(bytes.ToArray()) : RemovedRecords.None;
        }
        catch (CorruptRecordException e)
        {
            LogDamaged(_logger, e, _store.KeepDamaged(RemovedRecords.FoldName));
            return RemovedRecords.None;
        }
    }

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "{Fold} needs partition {Partition} of the log from offset {From}, but the log begins at {Start}: it continues without the records before, which retention removed; `recsys doctor` reports them")]
    private static partial void LogMissing(ILogger logger, string fold, int partition, long from, long start);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the list of removed records is not saved: it is lost at a restart")]
    private static partial void LogNotSaved(ILogger logger, Exception cause);

    [LoggerMessage(Level = LogLevel.Error, Message = "the list of records that folds did not read is damaged: a new list is begun; the damaged one is kept as {Kept}")]
    private static partial void LogDamaged(ILogger logger, Exception cause, string? kept);
}
