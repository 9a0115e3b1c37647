using RecSys.Core;
using RecSys.Core.Log;

namespace RecSys.Speed.Tests;

/// <summary>Creates records from a few arguments.</summary>
internal static class Records
{
    public static LogRecord.Interaction Click(string user, string item, long timestampMs = 1_000, string? id = null) =>
        new(new UserId(user), new ItemId(item), "click", timestampMs) { Id = id };

    public static LogRecord.ItemChanged Item(string item, string title) =>
        new(new ItemId(item), new ItemContent { Title = title, Categories = ["things"] }, TimestampMs: 500);

    public static LogRecord.PersonErased Erased(string user, LogPosition upTo) =>
        new(SpeedNode.Hash.Of(new UserId(user)), upTo, TimestampMs: 9_000);

    public static LogRecord.UsersMerged Merged(string target, string from) =>
        new(new UserId(target), new UserId(from), SpeedNode.Hash.Of(new UserId(from)), TimestampMs: 5_000);

    /// <summary>The items of a profile, newest first.</summary>
    public static IEnumerable<string> ItemsOf(RecSys.Core.Users.UserProfile profile) =>
        profile.History.Select(interaction => interaction.Item.Value);
}
