namespace RecSys.Actors.Persistence;

/// <summary>A bounded queue with a few workers, each of which takes queued items, up to a limit, as one group.</summary>
/// <remarks>
/// An item is handled immediately if a worker is idle; items that arrive while the workers are busy form a group. <paramref name="work"/>
/// must not throw, or its worker is lost for good: it reports failures itself, to those who wait for the items. Safe for concurrent use.
/// </remarks>
internal sealed class GroupedWork<T>(int groupMax, int inFlightMax, int waitingMax, Func<List<T>, Task> work)
{
    private readonly Lock _lock = new();
    private readonly Queue<T> _waiting = new();
    private int _inFlight;

    /// <summary>Queues an item; returns false if too many are queued.</summary>
    public bool TryAdd(T item)
    {
        lock (_lock)
        {
            if (_waiting.Count >= waitingMax)
            {
                return false;
            }

            _waiting.Enqueue(item);
            if (_inFlight == inFlightMax)
            {
                return true;
            }

            _inFlight++;
        }

        _ = Task.Run(RunAsync);
        return true;
    }

    private async Task RunAsync()
    {
        List<T> group = [];
        while (TryTake(group))
        {
            await work(group).ConfigureAwait(false);
            group.Clear();
        }
    }

    private bool TryTake(List<T> group)
    {
        lock (_lock)
        {
            while (group.Count < groupMax && _waiting.TryDequeue(out T? item))
            {
                group.Add(item);
            }

            if (group.Count == 0)
            {
                _inFlight--;
            }

            return group.Count > 0;
        }
    }
}
