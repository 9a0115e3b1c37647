namespace RecSys.Core.Models;

/// <summary>Thrown when the bytes of a model snapshot, or of an alias of a model, cannot be read: they are truncated, damaged, or of a format that this program does not support.</summary>
public sealed class CorruptModelException : Exception
{
    /// <summary>Creates the exception with the default message.</summary>
    public CorruptModelException()
        : base("the model snapshot is corrupt")
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public CorruptModelException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and a cause.</summary>
    public CorruptModelException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
