using RecSys.Batch.Replay;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Batch.Tests.Replay;

public sealed class WorldReplayTests
{
    private static readonly OwnerHash Hash = new(new byte[OwnerHash.KeySizeBytes]);

    [Fact]
    public async Task Popularity_counts_each_user_who_liked_an_item_once_whatever_the_user_did_first()
    {
        Applied applied = await AppliedAsync(
            Act("ada", "tea", "dislike"), Act("ada", "tea"), Act("ada", "tea"), Act("ada", "jam", "dislike"), Act("bob", "tea"), Act("bob", "tea", "dislike"));

        Assert.Equal([2, 0], Popularity(applied, "tea", "jam"));
        Assert.Equal(["tea"], Liked(applied, "ada"));
        Assert.Equal(["tea"], Liked(applied, "bob"));
    }

    [Fact]
    public async Task A_user_has_the_likes_of_a_user_that_was_merged_into_it()
    {
        Applied applied = await AppliedAsync(
            Act("visitor", "tea"),
            Act("visitor", "jam", "dislike"),
            Act("ada", "tea", "dislike"),
            Act("ada", "pie"),
            new LogRecord.UsersMerged(new UserId("ada"), new UserId("visitor"), Hash.Of(new UserId("visitor")), TimestampMs: 5));

        Assert.Equal(["pie", "tea"], Liked(applied, "ada"));
    }

    private static LogRecord.Interaction Act(string user, string item, string type = "view") => new(new UserId(user), new ItemId(item), type, TimestampMs: 1);

    private static IEnumerable<string> Liked(Applied applied, string user) =>
        applied.Replay.LikedOf(applied.World.Users.ToList().IndexOf(new UserId(user))).Select(item => applied.World.Items[item].Value).Order(StringComparer.Ordinal);

    private static IEnumerable<float> Popularity(Applied applied, params string[] items) =>
        items.Select(item => applied.Replay.Popularity[applied.World.ItemNumbers[new ItemId(item)]]);

    private static async Task<Applied> AppliedAsync(params LogRecord[] records)
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        await using InMemoryInteractionLog log = new(new LogRecordCodec(Hash));
        await log.AppendAsync(records, cancel);
        ReplayWorld world = LogWorld.Read(log, await log.GetEndAsync(cancel), InteractionTypes.Default, progress: null, cancel);
        WorldReplay replay = new(world, trends: null);
        replay.Apply(0, world.Records.Count);
        return new Applied(world, replay);
    }

    private sealed record Applied(ReplayWorld World, WorldReplay Replay);
}
