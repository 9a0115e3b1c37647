namespace RecSys.Core.Log;

/// <summary>Thrown when the log contains a record that a newer program wrote and that must not be skipped: reading stops before it until this node is upgraded.</summary>
public sealed class NewerRecordException : Exception
{
    /// <summary>Creates the exception with the default message.</summary>
    public NewerRecordException()
        : base("a record of the log was written by a newer version: upgrade this node")
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public NewerRecordException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and a cause.</summary>
    public NewerRecordException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception with a message that names the record.</summary>
    public static NewerRecordException At(RecordPosition record) =>
        new($"the record at offset {record.Offset} of partition {record.Partition} was written by a newer version and must not be skipped: upgrade this node");
}
