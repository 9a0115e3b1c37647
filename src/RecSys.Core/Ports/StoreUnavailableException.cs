namespace RecSys.Core.Ports;

/// <summary>Thrown when a store cannot be reached or does not answer; the outcome is unknown, and the call may be repeated.</summary>
public sealed class StoreUnavailableException : Exception
{
    /// <summary>Names no store.</summary>
    public StoreUnavailableException()
        : base("the store is unavailable")
    {
    }

    /// <summary>Creates the exception with a message that names the store and its answer.</summary>
    public StoreUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message that names the store and its answer, and a cause.</summary>
    public StoreUnavailableException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Gets whether the store has no space left: writes fail until there is some.</summary>
    public bool IsFull { get; init; }
}
