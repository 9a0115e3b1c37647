namespace RecSys.Core.Log;

/// <summary>Stored bytes are not what their codec wrote: they are damaged, or of a version that this program does not know.</summary>
public sealed class CorruptRecordException : Exception
{
    /// <summary>Says nothing more.</summary>
    public CorruptRecordException()
        : base("stored bytes are corrupt")
    {
    }

    /// <summary>Says what is wrong.</summary>
    public CorruptRecordException(string message)
        : base(message)
    {
    }

    /// <summary>Says what is wrong, and why.</summary>
    public CorruptRecordException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
