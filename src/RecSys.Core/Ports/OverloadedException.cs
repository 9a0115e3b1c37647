namespace RecSys.Core.Ports;

/// <summary>A named limit of a queue is reached: nothing was done, and it may be tried again after a while.</summary>
public sealed class OverloadedException : Exception
{
    /// <summary>Says nothing more.</summary>
    public OverloadedException()
        : base("overloaded")
    {
    }

    /// <summary>Says which limit.</summary>
    public OverloadedException(string message)
        : base(message)
    {
    }

    /// <summary>Says which limit, and why.</summary>
    public OverloadedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
