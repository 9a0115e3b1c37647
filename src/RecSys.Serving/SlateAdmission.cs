namespace RecSys.Serving;

/// <summary>Limits the number of slates that are computed at the same time. Safe for concurrent use.</summary>
internal sealed class SlateAdmission(int slatesMax)
{
    private int _slates; // invariant: 0 <= _slates

    /// <summary>Begins a slate unless the limit is reached.</summary>
    /// <returns>Whether the slate may be computed; the caller then calls <see cref="End"/> when it is done.</returns>
    public bool TryBegin()
    {
        if (Interlocked.Increment(ref _slates) <= slatesMax)
        {
            return true;
        }

        Interlocked.Decrement(ref _slates);
        return false;
    }

    /// <summary>Ends a slate.</summary>
    public void End() => Interlocked.Decrement(ref _slates);
}
