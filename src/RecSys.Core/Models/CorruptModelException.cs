namespace RecSys.Core.Models;

/// <summary>Thrown when bytes are not a model snapshot or the alias of one: cut short, changed, or of a format that this program does not support.</summary>
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
