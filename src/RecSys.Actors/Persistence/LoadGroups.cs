using System.Diagnostics.CodeAnalysis;
using RecSys.Core.Ports;

namespace RecSys.Actors.Persistence;

/// <summary>Loads states, a bounded number at once.</summary>
internal sealed class LoadGroups
{
    /// <summary>How many loads a worker takes at once, to enter the queue's lock less often.</summary>
    private const int GroupMax = 16;

    private readonly ISnapshotTable _table;
    private readonly GroupedWork<Pending> _work;

    public LoadGroups(ISnapshotTable table, ActorsOptions options)
    {
        _table = table;
        _work = new GroupedWork<Pending>(GroupMax, options.LoadsInFlightMax, options.StoreQueueMax, LoadAsync);
    }

    /// <summary>Loads an owner's state, or null.</summary>
    /// <exception cref="OverloadedException">Too many loads wait.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot be reached.</exception>
    public Task<SavedState?> LoadAsync(string owner)
    {
        Pending pending = new(owner, new TaskCompletionSource<SavedState?>());
        return _work.TryAdd(pending)
            ? pending.Done.Task
            : Task.FromException<SavedState?>(new OverloadedException("too many loads wait for the snapshot table"));
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "every failure is told to whom it concerns")]
    private async Task LoadAsync(List<Pending> group)
    {
        foreach (Pending pending in group)
        {
            try
            {
                pending.Done.TrySetResult(await _table.LoadAsync(pending.Owner, CancellationToken.None).ConfigureAwait(false));
            }
            catch (Exception e)
            {
                pending.Done.TrySetException(e);
            }
        }
    }

    private readonly record struct Pending(string Owner, TaskCompletionSource<SavedState?> Done);
}
