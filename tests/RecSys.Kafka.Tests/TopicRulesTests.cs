using RecSys.Core;
using Xunit;

namespace RecSys.Kafka.Tests;

public sealed class TopicRulesTests
{
    private static readonly FoundTopic Right = new("id-1", 8, 3, new Dictionary<string, string>
    {
        ["cleanup.policy"] = "delete",
        ["max.message.bytes"] = "1052672",
        ["min.insync.replicas"] = "2",
        ["message.timestamp.type"] = "LogAppendTime",
        ["unclean.leader.election.enable"] = "false",
        ["retention.ms"] = "-1",
        ["retention.bytes"] = "-1",
    });

    private static readonly KafkaLogIdentity Known = new("log", "id-1", 8, 1, new OwnerHash(new byte[OwnerHash.KeySizeBytes]).Installation);

    [Fact]
    public void A_topic_with_all_settings_has_no_problem() => Assert.Empty(TopicRules.Problems("log", Right, "broker:9092"));

    [Theory]
    [InlineData("cleanup.policy", "compact", "cleanup.policy=delete")]
    [InlineData("cleanup.policy", "compact,delete", "cleanup.policy=delete")]
    [InlineData("max.message.bytes", "1048588", "max.message.bytes=1052672")]
    [InlineData("min.insync.replicas", "1", "min.insync.replicas=2")]
    [InlineData("message.timestamp.type", "CreateTime", "message.timestamp.type=LogAppendTime")]
    [InlineData("unclean.leader.election.enable", "true", "unclean.leader.election.enable=false")]
    public void A_deviation_is_one_line_with_the_command_that_corrects_it(string setting, string value, string correction)
    {
        FoundTopic topic = Right with { Settings = new Dictionary<string, string>(Right.Settings!) { [setting] = value } };

        string problem = Assert.Single(TopicRules.Problems("log", topic, "broker:9092"));

        Assert.Contains($"topic log: {setting} is {value}, but ", problem, StringComparison.Ordinal);
        Assert.EndsWith($"kafka-configs.sh --bootstrap-server broker:9092 --alter --entity-type topics --entity-name log --add-config {correction}", problem, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', problem);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(512)]
    public void A_number_of_partitions_that_is_not_a_power_of_two_up_to_256_is_refused(int partitions) =>
        Assert.Contains("power of two", Assert.Single(TopicRules.Problems("log", Right with { Partitions = partitions }, "broker:9092")), StringComparison.Ordinal);

    [Fact]
    public void With_fewer_than_three_replicas_one_in_sync_is_enough()
    {
        FoundTopic topic = Right with { Replicas = 1, Settings = new Dictionary<string, string>(Right.Settings!) { ["min.insync.replicas"] = "1" } };

        Assert.Empty(TopicRules.Problems("log", topic, "broker:9092"));
    }

    [Fact]
    public void The_same_topic_is_recognized() => Assert.Null(TopicRules.OtherThan(Known, Known));

    [Fact]
    public void Another_topic_is_refused_with_what_differs()
    {
        Assert.Contains("created again", TopicRules.OtherThan(Known, Known with { TopicId = "id-2" }), StringComparison.Ordinal);
        Assert.Contains("16 partitions instead of 8", TopicRules.OtherThan(Known, Known with { Partitions = 16 }), StringComparison.Ordinal);
        Assert.Contains("set it to log", TopicRules.OtherThan(Known, Known with { Topic = "other" }), StringComparison.Ordinal);
        Assert.Contains("format 1", TopicRules.OtherThan(Known, Known with { RecordFormat = 2 }), StringComparison.Ordinal);
        byte[] key = new byte[OwnerHash.KeySizeBytes];
        key[0] = 1;
        Assert.Contains("owner key", TopicRules.OtherThan(Known, Known with { Installation = new OwnerHash(key).Installation }), StringComparison.Ordinal);
    }

    [Fact]
    public void Retention_is_unlimited_unless_a_time_or_a_size_is_set()
    {
        Assert.Null(TopicRules.RetentionOf(Right));
        Assert.False(TopicRules.HasSizeLimit(Right));
        FoundTopic limited = Right with { Settings = new Dictionary<string, string> { ["retention.ms"] = "604800000", ["retention.bytes"] = "1000" } };
        Assert.Equal(TimeSpan.FromDays(7), TopicRules.RetentionOf(limited));
        Assert.True(TopicRules.HasSizeLimit(limited));
    }
}
