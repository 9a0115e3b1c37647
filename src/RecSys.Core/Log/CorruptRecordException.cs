namespace RecSys.Core.Log;

/// <summary>Thrown when stored bytes are damaged, or of a version that this program does not support.</summary>
public sealed class CorruptRecordException : Exception
{
    /// <summary>Creates the exception with the default message.</summary>
    public CorruptRecordException()
        : base("stored bytes are corrupt")
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public CorruptRecordException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and a cause.</summary>
    public CorruptRecordException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
