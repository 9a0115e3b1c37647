using System.Diagnostics.CodeAnalysis;
using RecSys.Core.Ports;

namespace RecSys.Actors.Persistence;

/// <summary>Loads states, a bounded number concurrently.</summary>
internal sealed class LoadGroups
{
    /// <summary>The largest number of loads that a worker takes at a time, to enter the queue's lock less often.</summary>
    private const int GroupMax = 16;

    private readonly ISnapshotTable _table;
    private readonly GroupedWork<Pending> _work;

    public LoadGroups(ISnapshotTable table, ActorsOptions options)
    {
        _table = table;
        _work = new GroupedWork<Pending>(GroupMax, options.LoadsInFlightMax, options.StoreQueueMax, LoadAsync);
    }

    /// <summary>Loads an owner's state.</summary>
    /// <param name="owner">Owner of the state.</param>
    /// <param name="done">Called once, on any thread: with the state, or null if there is none; or with the reason why it cannot be loaded now.</param>
    public void Load(string owner, Action<SavedState?, Exception?> done)
    {
        if (!_work.TryAdd(new Pending(owner, done)))
        {
            done(null, new OverloadedException("too many loads wait for the snapshot table"));
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "every failure is reported to its caller")]
    private async Task LoadAsync(List<Pending> group)
    {
        foreach (Pending pending in group)
        {
            SavedState? state = null;
            Exception? failure = null;
            try
            {
                state = await _table.LoadAsync(pending.Owner, CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                failure = e;
            }

            pending.Done(state, failure);
        }
    }

    private readonly record struct Pending(string Owner, Action<SavedState?, Exception?> Done);
}
