namespace RecSys.Core.Log;

/// <summary>Whether this program can read the bytes of a record.</summary>
public enum RecordReadability
{
    /// <summary>It reads them.</summary>
    Readable,

    /// <summary>A newer program wrote them, and marked them as safe to pass over.</summary>
    MayBeSkipped,

    /// <summary>A newer program wrote them, and they must be understood: reading stops before them.</summary>
    NeedsNewerVersion,

    /// <summary>No program wrote them.</summary>
    Corrupt,
}
