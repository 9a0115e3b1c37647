namespace RecSys.Core.Log;

/// <summary>The ways in which records of the log can be damaged.</summary>
public enum LogDamageKind
{
    /// <summary>The stored bytes are not those that were written: their checksum or their layout is wrong.</summary>
    Corrupt = 1,

    /// <summary>No bytes are stored for these offsets, although they had records.</summary>
    Missing = 2,

    /// <summary>The store cannot read its file where these bytes are: they can neither be read nor overwritten.</summary>
    Unreadable = 3,
}

/// <summary>Consecutive records of one partition that can no longer be read. Readers skip them and read the records around them.</summary>
/// <param name="Partition">Number of the partition, from 0.</param>
/// <param name="From">The first damaged offset.</param>
/// <param name="Until">The offset after the last damaged one.</param>
/// <param name="Kind">The way in which the records are damaged.</param>
/// <remarks>invariant: 0 &lt;= From &lt; Until.</remarks>
public readonly record struct LogDamage(int Partition, long From, long Until, LogDamageKind Kind)
{
    /// <summary>Gets the number of damaged records, 1 or more.</summary>
    public long Count => Until - From;

    /// <summary>Returns the place as text: <c>partition 0, offsets 512 to 1023: missing</c>.</summary>
    public override string ToString()
    {
        string kind = Kind switch
        {
            LogDamageKind.Corrupt => "corrupt",
            LogDamageKind.Missing => "missing",
            _ => "unreadable",
        };
        return Count == 1
            ? $"partition {Partition}, offset {From}: {kind}"
            : $"partition {Partition}, offsets {From} to {Until - 1}: {kind}";
    }
}
