using System.Collections.Immutable;
using System.Text;
using RecSys.Core;
using RecSys.Server.Problems;

namespace RecSys.Server.Bodies;

/// <summary>Checks the size of a record: each list and text has its own limit, and the record has one for their sum.</summary>
internal static class RecordSize
{
    // At least the bytes that the log's codec reserves for ids, numbers and flags: a record that passes can be encoded.
    private const int OverheadBytes = 4_096;
    private const int PairOverheadBytes = 8;

    /// <summary>Returns the problem of a row that is too large, or null.</summary>
    /// <param name="labels">Labels of the row.</param>
    /// <param name="otherBytes">Bytes of its other texts.</param>
    public static FieldProblem? Problem(ImmutableSortedDictionary<string, string>? labels, long otherBytes)
    {
        long size = OverheadBytes + otherBytes;
        foreach ((string name, string value) in labels ?? ImmutableSortedDictionary<string, string>.Empty)
        {
            size += Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(value) + PairOverheadBytes;
        }

        return size > Limits.RecordBytesMax
            ? new FieldProblem("", $"has {size} bytes in total; at most {Limits.RecordBytesMax} are allowed")
            : null;
    }
}
