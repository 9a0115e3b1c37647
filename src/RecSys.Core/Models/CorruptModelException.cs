namespace RecSys.Core.Models;

/// <summary>Bytes that should be a model snapshot are not one: cut short, changed, or of a format that this program does not know.</summary>
public sealed class CorruptModelException : Exception
{
    /// <summary>Says nothing more.</summary>
    public CorruptModelException()
        : base("the model snapshot is corrupt")
    {
    }

    /// <summary>Says what is wrong.</summary>
    public CorruptModelException(string message)
        : base(message)
    {
    }

    /// <summary>Says what is wrong, and why.</summary>
    public CorruptModelException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
