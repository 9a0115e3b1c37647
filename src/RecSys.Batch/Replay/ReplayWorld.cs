using RecSys.Core;

namespace RecSys.Batch.Replay;

/// <summary>The records of a replay in the order of their times, with 0-based numbers for users and items.</summary>
public sealed class ReplayWorld
{
    /// <summary>The largest number of records of a world; each takes about 150 bytes of memory.</summary>
    public const int RecordsMax = 20_000_000;

    internal ReplayWorld(
        ReplayRecord[] records, IReadOnlyList<UserId> users, IReadOnlyList<Owner> owners, IReadOnlyList<ItemId> items, InteractionTypes types)
    {
        Records = records;
        Users = users;
        Owners = owners;
        Items = items;
        Types = types;
        Dictionary<ItemId, int> numbers = new(items.Count);
        foreach (ItemId item in items)
        {
            numbers.Add(item, numbers.Count);
        }

        ItemNumbers = numbers;
    }

    /// <summary>Gets the records, oldest first.</summary>
    public IReadOnlyList<ReplayRecord> Records { get; }

    /// <summary>Gets the users of the interactions, by number.</summary>
    public IReadOnlyList<UserId> Users { get; }

    /// <summary>Gets the owners of the users, by number.</summary>
    public IReadOnlyList<Owner> Owners { get; }

    /// <summary>Gets the items of interactions and of the catalogue, by number, in the order of their ids' bytes, as in a model.</summary>
    public IReadOnlyList<ItemId> Items { get; }

    /// <summary>Gets the number of each item.</summary>
    public IReadOnlyDictionary<ItemId, int> ItemNumbers { get; }

    /// <summary>Gets the types of interactions.</summary>
    public InteractionTypes Types { get; }

    /// <summary>Gets the questions of the files; empty without such files.</summary>
    public IReadOnlyList<GivenQuestion> Given { get; init; } = [];

    /// <summary>Gets a note on the origin of the times, for the report; null if the times are those of the log or of the files.</summary>
    public string? TimesNote { get; init; }

    /// <summary>Returns the world with other times at which given items were added to the catalogue. All records keep their numbers, and take effect when they did.</summary>
    /// <param name="items">The numbers of the items.</param>
    /// <param name="addedAtMs">The time at which they were added, in milliseconds since 1970, UTC.</param>
    internal ReplayWorld WithAdded(IReadOnlySet<int> items, long addedAtMs) =>
        new([.. Records.Select(record => ItemWrites.Redated(record, addedAtMs) is { } write && items.Contains(ItemNumbers[write.Item]) ? write.Record : record)], Users, Owners, Items, Types)
        {
            Given = Given,
            TimesNote = TimesNote,
        };
}

/// <summary>A record of a replay.</summary>
/// <param name="TimeMs">The time at which the record takes effect, in milliseconds since 1970, UTC.</param>
/// <param name="Bytes">The record as stored in the log.</param>
public readonly record struct ReplayRecord(long TimeMs, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Gets the number of the user of the interaction; −1 for other records.</summary>
    public int User { get; init; } = -1;

    /// <summary>Gets the number of the item of the interaction; −1 for other records.</summary>
    public int Item { get; init; } = -1;

    /// <summary>Gets the weight of the interaction; 0 for other records.</summary>
    public float Weight { get; init; }

    /// <summary>Gets whether the interaction may be a right answer: it is not retracted later, and does not repeat the id of an earlier interaction.</summary>
    public bool MayBeRelevant { get; init; }

    /// <summary>Gets whether the record is from a history file, from which models do not learn.</summary>
    public bool IsHistoryOnly { get; init; }

    /// <summary>Gets whether the record is an interaction.</summary>
    public bool IsAct => User >= 0;

    /// <summary>Gets whether the record is an interaction of positive weight that may be a right answer.</summary>
    public bool IsRelevant => IsAct && MayBeRelevant && Weight > 0;
}

/// <summary>A question of a file.</summary>
/// <param name="User">The number of the user; −1 for an anonymous session.</param>
/// <param name="Session">The numbers of the items of the request, oldest first.</param>
/// <param name="Relevant">The numbers of the relevant items.</param>
public sealed record GivenQuestion(int User, IReadOnlyList<int> Session, IReadOnlyList<int> Relevant);
