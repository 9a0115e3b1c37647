using System.Text;
using RecSys.Core.Log;

namespace RecSys.Core.Users;

public sealed partial class UserProfile
{
    /// <summary>Applies those records that are newer than <see cref="OffsetOf"/>, one by one, in the order of their offsets.</summary>
    /// <param name="epoch">Epoch of the records.</param>
    /// <param name="partition">Partition of the records, below <see cref="LogPosition.PartitionsMax"/>.</param>
    /// <param name="entries">Records of this user only.</param>
    /// <returns>The profile with the records; the same instance if no record was new.</returns>
    /// <remarks>
    /// Never fails: records in the log are facts. A log leaves out damaged records and reports them; if bytes are nevertheless not a record,
    /// only the position changes.
    /// </remarks>
    public UserProfile Apply(int epoch, int partition, ReadOnlySpan<LogEntry> entries)
    {
        PackedHistory history = _history;
        ProfilePosition reached = _position;
        ProfileFacts? facts = _facts;
        long has = _position.OffsetOf(epoch, partition);
        foreach (LogEntry entry in entries)
        {
            if (entry.Offset <= has)
            {
                continue;
            }

            has = entry.Offset;
            RecordPosition position = new(epoch, partition, entry.Offset);
            reached = reached.With(position);
            if (facts?.ErasedUpTo is { } erased && erased.Covers(position))
            {
                continue;
            }

            ReadOnlySpan<byte> bytes = entry.Bytes.Span;
            if (EncodedInteraction.TryRead(bytes, out EncodedInteraction interaction))
            {
                ApplyInteraction(interaction, position, ref history, ref facts);
            }
            else if (TryDecode(bytes) is { } record)
            {
                ApplyRecord(record, position, ref history, ref facts);
            }
        }

        return reached == _position ? this : new UserProfile(history, reached, facts is { IsEmpty: true } ? null : facts);
    }

    /// <summary>Returns this profile without the records at or before a position, as after a <see cref="LogRecord.PersonErased"/>.</summary>
    public UserProfile Erased(LogPosition upTo)
    {
        ArgumentNullException.ThrowIfNull(upTo);
        LogPosition all = ErasedUpTo?.Max(upTo) ?? upTo;
        return Of(_history.After(all), _position, Facts.After(all));
    }

    /// <summary>Returns this profile with at least the offsets of a position: their records are applied, or the log has lost them.</summary>
    /// <param name="position">Newest offsets by partition, in the epoch of this profile; −1 changes nothing.</param>
    public UserProfile Reached(LogPosition position)
    {
        ArgumentNullException.ThrowIfNull(position);
        ProfilePosition reached = _position;
        for (int partition = 0; partition < position.PartitionCount; partition++)
        {
            if (position[partition] > reached.OffsetOf(position.Epoch, partition))
            {
                reached = reached.With(new RecordPosition(position.Epoch, partition, position[partition]));
            }
        }

        return reached == _position ? this : new UserProfile(_history, reached, _facts);
    }

    /// <summary>Applies one record of the user that is not an interaction, and is newer than <see cref="OffsetOf"/>.</summary>
    /// <param name="position">Position of the record.</param>
    /// <param name="record">Record to apply.</param>
    public UserProfile Apply(RecordPosition position, LogRecord record)
    {
        PackedHistory history = _history;
        ProfileFacts? facts = _facts;
        if (facts?.ErasedUpTo?.Covers(position) != true)
        {
            ApplyRecord(record, position, ref history, ref facts);
        }

        return new UserProfile(history, _position.With(position), facts is { IsEmpty: true } ? null : facts);
    }

    private static void ApplyInteraction(scoped in EncodedInteraction interaction, RecordPosition position, ref PackedHistory history, ref ProfileFacts? facts)
    {
        if (facts is not null && facts.IsRetracted(interaction.IdUtf8))
        {
            return;
        }

        PackedHistory before = facts?.Older ?? default;
        PackedHistory older = before;
        history = history.Add(interaction, position, ref older);
        if (!older.IsSame(before))
        {
            facts = (facts ?? ProfileFacts.None) with { Older = older };
        }
    }

    private static void ApplyRecord(LogRecord record, RecordPosition position, ref PackedHistory history, ref ProfileFacts? facts)
    {
        switch (record)
        {
            case LogRecord.InteractionRetracted retracted:
                byte[] id = Encoding.UTF8.GetBytes(retracted.Id);
                facts = (facts ?? ProfileFacts.None).WithRetraction(id, position);
                if (history.TryFind(id, out PackedEntry entry))
                {
                    history = history.Without(entry);
                }
                else if (facts.Older.TryFind(id, out entry))
                {
                    facts = facts with { Older = facts.Older.Without(entry) };
                }

                break;
            case LogRecord.UserChanged changed:
                facts = (facts ?? ProfileFacts.None).With(changed, position);
                break;
            case LogRecord.UsersMerged merged when merged.From != merged.Target:
                facts = (facts ?? ProfileFacts.None).WithAlias(merged.FromOwner, position);
                break;
            case LogRecord.UsersLinked linked when linked.From != linked.Target:
                facts = (facts ?? ProfileFacts.None).WithAlias(linked.From, position);
                break;
            case LogRecord.MergeErased undone:
                facts = facts?.WithoutAlias(undone.From, undone.UpTo);
                break;
            case LogRecord.PersonErased erased:
                // Every partition has this record; the first one erases.
                if (facts?.ErasedUpTo is not { } before || !before.Covers(erased.UpTo))
                {
                    LogPosition upTo = facts?.ErasedUpTo?.Max(erased.UpTo) ?? erased.UpTo;
                    history = history.After(upTo);
                    facts = (facts ?? ProfileFacts.None).After(upTo);
                }

                break;
        }
    }

    private static LogRecord? TryDecode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return LogRecordCodec.Decode(bytes);
        }
        catch (CorruptRecordException)
        {
            return null;
        }
    }
}
