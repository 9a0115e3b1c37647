namespace RecSys.Core.Log;

/// <summary>Whether this program can read the bytes of a record.</summary>
public enum RecordReadability
{
    /// <summary>The program can read the record.</summary>
    Readable,

    /// <summary>A newer program wrote the record, and older ones may skip it.</summary>
    MayBeSkipped,

    /// <summary>A newer program wrote the record, and older ones must not skip it: reading stops before it.</summary>
    NeedsNewerVersion,

    /// <summary>The bytes are not a record of any version.</summary>
    Corrupt,
}
