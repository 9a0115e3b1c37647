namespace RecSys.Core.Ports;

/// <summary>Thrown when a store cannot be reached or does not answer; the outcome is unknown, and the call may be repeated.</summary>
public sealed class StoreUnavailableException : Exception
{
    /// <summary>Creates the exception with the default message.</summary>
    public StoreUnavailableException()
        : base("the store is unavailable")
    {
    }

    /// <summary>Creates the exception with a message that names the store and the error.</summary>
    public StoreUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message that names the store and the error, and a cause.</summary>
    public StoreUnavailableException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Gets whether the store has no space left: writes fail until space is freed.</summary>
    public bool IsFull { get; init; }
}
