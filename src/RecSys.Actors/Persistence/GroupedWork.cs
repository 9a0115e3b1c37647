namespace RecSys.Actors.Persistence;

/// <summary>A bounded queue that few workers empty, each taking what is there as one group.</summary>
/// <remarks>
/// What arrives alone is worked on at once; what arrives while the workers are busy is grouped. The work tells its
/// failures to whom they concern and throws nothing. Safe for concurrent use.
/// </remarks>
internal sealed class GroupedWork<T>(int groupMax, int inFlightMax, int waitingMax, Func<List<T>, Task> work)
{
    private readonly Lock _lock = new();
    private readonly Queue<T> _waiting = new();
    private int _inFlight;

    /// <summary>Adds an item, or says false if too many wait.</summary>
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
