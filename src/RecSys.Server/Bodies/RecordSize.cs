using System.Collections.Immutable;
using System.Text;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Server.Problems;

namespace RecSys.Server.Bodies;

/// <summary>Checks the size of a record: each list and text has its own limit, and the record has one for their sum.</summary>
internal static class RecordSize
{
    // At least the bytes that the log's codec reserves for ids, numbers and flags: a record that passes can be encoded.
    private const int OverheadBytes = 4_096;
    private const int PairOverheadBytes = 8;

    /// <summary>Returns the problem of an item that is too large, or null.</summary>
    /// <param name="labels">Labels of the item.</param>
    /// <param name="otherBytes">Bytes of its other texts.</param>
    public static FieldProblem? OfItem(ImmutableSortedDictionary<string, string>? labels, long otherBytes)
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

    /// <summary>Returns the problem of a user's labels that are too large in total, or null.</summary>
    /// <param name="labels">Names and values, as JSON texts.</param>
    /// <param name="including">Text that names the counted labels, or empty.</param>
    public static FieldProblem? OfLabels(IEnumerable<KeyValuePair<string, string>> labels, string including = "")
    {
        long size = labels.Sum(label => (long)Encoding.UTF8.GetByteCount(label.Key) + Encoding.UTF8.GetByteCount(label.Value));
        return size > Limits.LabelsBytesMax
            ? new FieldProblem("labels", $"have {size} bytes in total{including}; at most {Limits.LabelsBytesMax} are allowed; shorten or remove some")
            : null;
    }

    /// <summary>Returns the problem of an interaction's context that is too large, or null.</summary>
    public static FieldProblem? OfContext(InteractionContext? context)
    {
        if (context is null)
        {
            return null;
        }

        long size = OverheadBytes
            + Encoding.UTF8.GetByteCount(context.Location ?? "") + Encoding.UTF8.GetByteCount(context.Device ?? "") + Encoding.UTF8.GetByteCount(context.Time ?? "")
            + context.SessionFeatures.Sum(feature => (long)Encoding.UTF8.GetByteCount(feature.Key) + PairOverheadBytes + sizeof(double));
        return size > Limits.UserRecordBytesMax
            ? new FieldProblem("context", $"makes the interaction {size} bytes long; at most {Limits.UserRecordBytesMax} are allowed; shorten or remove sessionFeatures")
            : null;
    }
}
