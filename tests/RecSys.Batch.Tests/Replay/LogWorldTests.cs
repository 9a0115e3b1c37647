using System.Collections.Immutable;
using RecSys.Batch.Replay;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Batch.Tests.Replay;

public sealed class LogWorldTests
{
    private static readonly OwnerHash Hash = new(new byte[OwnerHash.KeySizeBytes]);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Records_of_all_partitions_are_in_the_order_of_their_times()
    {
        ReplayWorld world = await WorldAsync([.. Enumerable.Range(0, 30).Select(i => Act("u" + i, "item", 1_000 - (i * 10)))]);

        Assert.Equal(30, world.Records.Count);
        Assert.Equal(world.Records.Select(record => record.TimeMs).Order(), world.Records.Select(record => record.TimeMs));
        Assert.Equal("u29", world.Users[world.Records[0].User].Value);
    }

    [Fact]
    public async Task Weights_are_those_of_the_types()
    {
        ReplayWorld world = await WorldAsync([Act("u", "a", 1), Act("u", "b", 2) with { Type = "rating", Value = 1 }, Act("u", "c", 3) with { Type = "purchase" }]);

        Assert.Equal([1f, -2, 8], world.Records.Select(record => record.Weight));
        Assert.Equal([true, false, true], world.Records.Select(record => record.IsRelevant));
    }

    [Fact]
    public async Task A_user_who_refused_consent_is_left_out_whenever_it_was_refused()
    {
        ReplayWorld world = await WorldAsync(
        [
            Act("refused", "a", 1),
            Act("agreed", "a", 2),
            new LogRecord.UserChanged(new UserId("refused"), ImmutableSortedDictionary<string, string>.Empty, Consent: false, IsPatch: true, TimestampMs: 50),
        ]);

        Assert.Equal(["agreed"], world.Records.Where(record => record.IsAct).Select(record => world.Users[record.User].Value));
    }

    [Fact]
    public async Task A_retracted_interaction_is_applied_until_its_retraction_and_is_never_relevant()
    {
        ReplayWorld world = await WorldAsync(
            [Act("u", "a", 10) with { Id = "one" }, Act("u", "a", 11) with { Id = "one" }, Act("u", "b", 12), new LogRecord.InteractionRetracted(new UserId("u"), "one", TimestampMs: 5)]);

        Assert.Equal([(10L, false), (10L, false), (11L, false), (12L, true)], world.Records.Select(record => (record.TimeMs, record.IsRelevant)));
    }

    [Fact]
    public async Task A_catalogue_that_was_imported_after_its_interactions_is_known_from_the_beginning()
    {
        ReplayWorld world = await WorldAsync([Act("u", "a", 10), Item("a", 900), Item("b", 901), Item("a", 950)]);

        Assert.Equal([long.MinValue, long.MinValue, 10, 10, 950], world.Records.Select(record => record.TimeMs));
    }

    [Fact]
    public async Task An_item_of_a_catalogue_that_was_imported_later_was_added_just_after_its_first_interaction()
    {
        ReplayWorld world = await WorldAsync([Act("u", "a", 20), Act("v", "a", 10), Act("w", "b", 10), Item("a", 900), Item("b", 901), Item("c", 902), Item("a", 950)]);

        Assert.Equal(["a 0", "b 0", "c 0"], AddedBefore(world, 10));
        Assert.Equal(["a 10", "b 10", "c 0"], AddedBefore(world, 11));
        Assert.Equal(["a 10", "b 10", "c 0"], AddedBefore(world, 1_000));
        Assert.Equal([true, true], world.Records.Where(record => record.TimeMs == 10).Take(2).Select(record => record.IsAct));
    }

    [Fact]
    public async Task The_time_at_which_an_item_was_added_can_be_replaced()
    {
        ReplayWorld world = await WorldAsync([Act("u", "a", 20), Act("v", "b", 10), Item("a", 900), Item("b", 901), Item("c", 902)]);
        ReplayWorld changed = world.WithAdded(new HashSet<int> { world.ItemNumbers[new ItemId("b")], world.ItemNumbers[new ItemId("c")] }, addedAtMs: 15);

        Assert.Equal(world.Records.Select(record => record.TimeMs), changed.Records.Select(record => record.TimeMs));
        Assert.Equal(["a 20", "b 15", "c 15"], AddedBefore(changed, 1_000));
    }

    [Fact]
    public async Task An_item_that_was_written_before_its_interactions_is_known_from_its_write_on()
    {
        ReplayWorld world = await WorldAsync([Item("a", 5), Act("u", "a", 10), Item("b", 20)]);

        Assert.Equal([5L, 10, 20], world.Records.Select(record => record.TimeMs));
    }

    private static LogRecord.Interaction Act(string user, string item, long timeMs) => new(new UserId(user), new ItemId(item), "view", timeMs);

    private static LogRecord.ItemChanged Item(string item, long timeMs) => new(new ItemId(item), ItemContent.Empty, timeMs);

    /// <summary>Returns the catalogue as it is before a time, each item with the time at which it was added, newest first.</summary>
    private static string[] AddedBefore(ReplayWorld world, long timeMs)
    {
        WorldReplay replay = new(world, trends: null);
        replay.Apply(0, world.Records.Count(record => record.TimeMs < timeMs));
        return [.. replay.Current.Latest(null, 10).Select(item => FormattableString.Invariant($"{item.Id.Value} {item.AddedAtMs}"))];
    }

    private static async Task<ReplayWorld> WorldAsync(LogRecord[] records)
    {
        await using InMemoryInteractionLog log = new(new LogRecordCodec(Hash), partitionCount: 3);
        await log.AppendAsync(records, Cancel);
        return LogWorld.Read(log, await log.GetEndAsync(Cancel), InteractionTypes.Default, progress: null, Cancel);
    }
}
