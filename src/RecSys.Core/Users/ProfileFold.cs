using System.Runtime.InteropServices;
using RecSys.Core.Log;

namespace RecSys.Core.Users;

/// <summary>Folds a log of all users into their profiles, for training and rebuilding; live profiles must equal its result.</summary>
/// <remarks>One writer; not safe for concurrent reading. Epochs must be applied one after the other; partitions may be applied in any order.</remarks>
public sealed class ProfileFold
{
    private readonly Dictionary<Owner, UserProfile> _profiles = [];
    private readonly FoldPosition _position = new();

    /// <summary>Gets the number of owners with a record, including erased ones.</summary>
    public int Count => _profiles.Count;

    /// <summary>Gets the position up to which the log is applied.</summary>
    public LogPosition Position => _position.ToLogPosition();

    /// <summary>Gets the owners that have a record, in ascending order.</summary>
    public IReadOnlyList<Owner> Owners
    {
        get
        {
            Owner[] owners = [.. _profiles.Keys];
            Array.Sort(owners);
            return owners;
        }
    }

    /// <summary>Gets the profile of an owner; empty if the owner has no record.</summary>
    public UserProfile this[Owner owner] => _profiles.GetValueOrDefault(owner, UserProfile.Empty);

    /// <summary>Applies records; skips those at or before <see cref="Position"/>, and those without an owner.</summary>
    /// <param name="epoch">Epoch of the records.</param>
    /// <param name="partition">Partition of the records.</param>
    /// <param name="entries">Records in the order of their offsets.</param>
    public void Apply(int epoch, int partition, ReadOnlySpan<LogEntry> entries)
    {
        for (int i = 0; i < entries.Length; i++)
        {
            LogEntry entry = entries[i];
            if (_position.TryMoveTo(new RecordPosition(epoch, partition, entry.Offset))
                && LogRecordCodec.TryGetOwner(entry.Bytes.Span, out Owner owner))
            {
                ref UserProfile? profile = ref CollectionsMarshal.GetValueRefOrAddDefault(_profiles, owner, out _);
                profile = (profile ?? UserProfile.Empty).Apply(epoch, partition, entries.Slice(i, 1));
            }
        }
    }
}
