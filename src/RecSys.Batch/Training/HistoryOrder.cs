using RecSys.Core.Users;

namespace RecSys.Batch.Training;

/// <summary>Compares users by their interactions, newest first, then by their older statements. This is the order of users in training.</summary>
/// <remarks>
/// Sums of floating-point numbers and draws of the bootstrap depend on the order of users. This order depends neither on the key of the owners nor on the partitions of the log, so that the same interactions give the same
/// bits on every installation. Users that compare as equal have the same rows in the training set.
/// </remarks>
internal sealed class HistoryOrder : IComparer<UserProfile>
{
    /// <summary>The only instance.</summary>
    public static readonly HistoryOrder Instance = new();

    private HistoryOrder()
    {
    }

    public int Compare(UserProfile? x, UserProfile? y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        int order = Compare(x.History.GetEnumerator(), y.History.GetEnumerator());
        return order != 0 ? order : Compare(x.OlderStatements.GetEnumerator(), y.OlderStatements.GetEnumerator());
    }

    private static int Compare(HistoryEnumerable.Enumerator one, HistoryEnumerable.Enumerator other)
    {
        while (true)
        {
            bool hasOne = one.MoveNext();
            bool hasOther = other.MoveNext();
            if (!hasOne || !hasOther)
            {
                return hasOne.CompareTo(hasOther);
            }

            if (Compare(one.Current, other.Current) is not 0 and int order)
            {
                return order;
            }
        }
    }

    private static int Compare(ProfileInteraction one, ProfileInteraction other)
    {
        int order = one.TimestampMs.CompareTo(other.TimestampMs);
        order = order != 0 ? order : one.ItemUtf8.SequenceCompareTo(other.ItemUtf8);
        order = order != 0 ? order : string.CompareOrdinal(one.Type, other.Type);
        return order != 0 ? order : Nullable.Compare(one.Value, other.Value);
    }
}
