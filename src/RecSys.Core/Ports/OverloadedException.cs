namespace RecSys.Core.Ports;

/// <summary>Thrown when a named limit of a queue is reached: the call had no effect and may be repeated later.</summary>
public sealed class OverloadedException : Exception
{
    /// <summary>Creates the exception with the default message.</summary>
    public OverloadedException()
        : base("overloaded")
    {
    }

    /// <summary>Creates the exception with a message that names the limit.</summary>
    public OverloadedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message that names the limit, and a cause.</summary>
    public OverloadedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
