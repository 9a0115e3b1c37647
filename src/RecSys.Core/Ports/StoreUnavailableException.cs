namespace RecSys.Core.Ports;

/// <summary>A store cannot be reached or does not answer; the outcome of what was asked is unknown, and it may be tried again.</summary>
public sealed class StoreUnavailableException : Exception
{
    /// <summary>Names no store.</summary>
    public StoreUnavailableException()
        : base("the store is unavailable")
    {
    }

    /// <summary>Says which store, and what it answered.</summary>
    public StoreUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Says which store, what it answered, and why.</summary>
    public StoreUnavailableException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Gets whether the store has no room left: nothing more is stored until there is some.</summary>
    public bool IsFull { get; init; }
}
