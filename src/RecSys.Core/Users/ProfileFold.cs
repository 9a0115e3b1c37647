using System.Runtime.InteropServices;
using RecSys.Core.Log;

namespace RecSys.Core.Users;

/// <summary>Folds a log of all users into their profiles: for training and rebuilding, and the definition that live profiles are held to.</summary>
/// <remarks>One writer; not safe for reading meanwhile. Epochs come one after the other, partitions in any mixture.</remarks>
public sealed class ProfileFold
{
    private readonly Dictionary<Owner, UserProfile> _profiles = [];
    private readonly FoldPosition _position = new();

    /// <summary>How many owners have a record, erased ones too.</summary>
    public int Count => _profiles.Count;

    /// <summary>Up to where the log's records are taken in.</summary>
    public LogPosition Position => _position.ToLogPosition();

    /// <summary>The owners that have a record, in their order.</summary>
    public IReadOnlyList<Owner> Owners
    {
        get
        {
            Owner[] owners = [.. _profiles.Keys];
            Array.Sort(owners);
            return owners;
        }
    }

    /// <summary>The profile of an owner; empty if they have no record.</summary>
    public UserProfile this[Owner owner] => _profiles.GetValueOrDefault(owner, UserProfile.Empty);

    /// <summary>Takes in records; those at or before <see cref="Position"/>, and those that have no owner, are passed.</summary>
    /// <param name="epoch">The epoch that the records stand in.</param>
    /// <param name="partition">Their partition.</param>
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
