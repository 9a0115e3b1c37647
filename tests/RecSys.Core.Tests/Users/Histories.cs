using CsCheck;
using RecSys.Core.Log;
using RecSys.Core.Users;

namespace RecSys.Core.Tests.Users;

/// <summary>Records of one user, and the definition of their profile in plain code.</summary>
internal static class Histories
{
    public static readonly UserId User = new("ann");

    /// <summary>Interactions of few ids and times, so that repeats, late ones and equal times are common; some are retracted.</summary>
    public static readonly Gen<LogRecord> Record = Gen.Frequency(
        (12, Gen.Select(Gen.Int[0, 30], Gen.Int[0, 12], Gen.Int[0, 20], Records.Type, Gen.Double[-5, 5].Nullable()).Select((item, id, time, type, value) =>
            (LogRecord)new LogRecord.Interaction(User, new($"item-{item}"), type, time)
            {
                Id = id > 8 ? null : $"i{id}",
                Value = value,
                Context = time % 3 == 0 ? new InteractionContext { Device = "tv" } : null,
            })),
        (1, Gen.Int[0, 8].Select(id => (LogRecord)new LogRecord.InteractionRetracted(User, $"i{id}", 0))),
        (1, Gen.Select(Records.Labels, Gen.Bool.Nullable(), Gen.Bool).Select((labels, consent, patch) =>
            (LogRecord)new LogRecord.UserChanged(User, labels, consent, patch, 0))),
        (1, Gen.Int[0, 20].Select(from =>
            (LogRecord)new LogRecord.UsersMerged(User, new($"from-{from}"), Records.Hash.Of(new($"from-{from}")), 0))));

    public static readonly Gen<LogEntry[]> Entries = Record.Array[0, 40].Select(records => ToEntries(records));

    public static LogEntry[] ToEntries(IEnumerable<LogRecord> records, long first = 0) =>
        [.. records.Select((record, index) => Records.Entry(first + (2 * index), record))];

    public static LogRecord.Interaction Viewed(string item, long timestampMs) => new(User, new(item), "view", timestampMs);

    public static LogRecord.Interaction Did(string type, string item, long timestampMs) => new(User, new(item), type, timestampMs);

    public static UserProfile Apply(this UserProfile profile, int partition, params LogRecord[] records) =>
        profile.Apply(0, partition, ToEntries(records, profile.OffsetOf(0, partition) + 1));

    public static string[] Items(this UserProfile profile) => [.. profile.History.Select(interaction => interaction.Item.Value)];

    public static string Hex(this UserProfile profile) => Convert.ToHexString(UserProfileCodec.Encode(profile));

    /// <summary>The definition of a history, newest first, and of the older statements after it: every rule in plain code.</summary>
    public static string[] Define(IEnumerable<(RecordPosition Position, LogRecord Record)> log)
    {
        List<(RecordPosition Position, LogRecord.Interaction Record)> held = [];
        List<(RecordPosition Position, LogRecord.Interaction Record)> older = [];
        List<(RecordPosition Position, string Id)> retractions = [];
        foreach ((RecordPosition position, LogRecord record) in log)
        {
            switch (record)
            {
                case LogRecord.Interaction interaction when interaction.Id is not { } id
                        || (!held.Concat(older).Any(other => other.Record.Id == id) && !retractions.Any(retraction => retraction.Id == id)):
                    held = NewestFirst(held.Append((position, interaction)));
                    older = NewestFirst(older.Concat(held.Skip(Limits.HistoryMax).Where(act => KeepsOut(act.Record)))
                        .GroupBy(act => act.Record.Id is { } named ? named : $"{act.Record.Type} {act.Record.Item}")
                        .Select(same => same.MaxBy(act => (act.Record.TimestampMs, act.Position)))).Take(Limits.OlderStatementsMax).ToList();
                    held = [.. held.Take(Limits.HistoryMax)];
                    break;
                case LogRecord.InteractionRetracted retracted:
                    held.RemoveAll(other => other.Record.Id == retracted.Id);
                    older.RemoveAll(other => other.Record.Id == retracted.Id);
                    retractions.Add((position, retracted.Id));
                    break;
                case LogRecord.PersonErased erased:
                    held.RemoveAll(other => erased.UpTo.Covers(other.Position));
                    older.RemoveAll(other => erased.UpTo.Covers(other.Position));
                    retractions.RemoveAll(other => erased.UpTo.Covers(other.Position));
                    break;
            }
        }

        return
        [
            .. held.Concat(older).Select(pair => Tell(
                pair.Position, pair.Record.TimestampMs, pair.Record.Type, pair.Record.Item, pair.Record.Value, pair.Record.Id)),
        ];

        static List<(RecordPosition Position, LogRecord.Interaction Record)> NewestFirst(IEnumerable<(RecordPosition Position, LogRecord.Interaction Record)> acts) =>
            [.. acts.OrderByDescending(act => act.Record.TimestampMs).ThenByDescending(act => act.Position)];

        static bool KeepsOut(LogRecord.Interaction act) => act.Type is not ("view" or "click" or "addToCart" or "removeFromCart");
    }

    public static string[] Define(int partition, LogEntry[] entries) =>
        Define(entries.Select(entry => (new RecordPosition(0, partition, entry.Offset), LogRecordCodec.Decode(entry.Bytes.Span)!)));

    public static string[] Tell(this UserProfile profile) =>
        [.. profile.History.Concat(profile.OlderStatements).Select(one => Tell(one.Position, one.TimestampMs, one.Type, one.Item, one.Value, one.Id))];

    private static string Tell(RecordPosition position, long timestampMs, string type, ItemId item, double? value, string? id) =>
        FormattableString.Invariant($"{position} {timestampMs} {type} {item} {value:R} {id}");
}
