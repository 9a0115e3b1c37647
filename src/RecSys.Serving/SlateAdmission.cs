namespace RecSys.Serving;

/// <summary>Bounds the slates that are made at once. Safe for concurrent use.</summary>
internal sealed class SlateAdmission(int slatesMax)
{
    private int _slates; // invariant: 0 <= _slates

    /// <summary>Begins a slate, unless the most are being made. End it with <see cref="End"/> where this returned true.</summary>
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
