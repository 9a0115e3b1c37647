using System.Globalization;
using RecSys.Core.Log;

namespace RecSys.Kafka;

/// <summary>The settings that the topic of a log needs, so that an acknowledged record is neither lost nor removed early.</summary>
internal static class TopicRules
{
    public const string CleanupPolicy = "cleanup.policy";
    public const string MessageBytesMax = "max.message.bytes";
    public const string MinInSync = "min.insync.replicas";
    public const string RetentionBytes = "retention.bytes";
    public const string RetentionMs = "retention.ms";
    public const string TimestampType = "message.timestamp.type";
    public const string UncleanElection = "unclean.leader.election.enable";

    private const string AppendTime = "LogAppendTime";

    /// <summary>Gets the settings of a new topic: the log keeps its records without a limit.</summary>
    public static Dictionary<string, string> ForNew => new(StringComparer.Ordinal)
    {
        [CleanupPolicy] = "delete",
        [MessageBytesMax] = Text(KafkaRecord.MessageBytesMax),
        [RetentionBytes] = "-1",
        [RetentionMs] = "-1",
        [TimestampType] = AppendTime,
        [UncleanElection] = "false",
    };

    /// <summary>Returns how many brokers must have a record before it is acknowledged: two, if three or more keep it.</summary>
    public static int MinInSyncOf(int replicas) => replicas >= 3 ? 2 : 1;

    /// <summary>Returns the deviations of a topic, one line each, with its remedy.</summary>
    /// <param name="name">Name of the topic.</param>
    /// <param name="found">Settings of the topic, as the brokers report them.</param>
    /// <param name="servers">Brokers, for the commands.</param>
    public static IReadOnlyList<string> Problems(string name, FoundTopic found, string servers)
    {
        List<string> problems = [];
        if (new LogShape(0, found.Partitions).Problem() is { } shape)
        {
            problems.Add($"topic {name}: {shape}; the number of partitions cannot be changed: set another topic ({KafkaLogOptions.Section}:topic), which is created with {KafkaLogOptions.Section}:partitions");
        }

        if (found.Settings is not { } settings)
        {
            return problems;
        }

        Require(CleanupPolicy, "delete", "compaction would remove records");
        Require(TimestampType, AppendTime, "retention would count from the times that callers send, and remove imported records early");
        Require(UncleanElection, "false", "a broker that lacks acknowledged records could become the leader");
        RequireAtLeast(MessageBytesMax, KafkaRecord.MessageBytesMax, "the largest record would be refused");
        RequireAtLeast(MinInSync, MinInSyncOf(found.Replicas), "an acknowledged record could be on one broker only");
        return problems;

        void Require(string setting, string needed, string reason)
        {
            if (settings.TryGetValue(setting, out string? value) && !value.Equals(needed, StringComparison.OrdinalIgnoreCase))
            {
                Add(setting, value, needed, reason);
            }
        }

        void RequireAtLeast(string setting, int least, string reason)
        {
            if (settings.TryGetValue(setting, out string? value) && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number < least)
            {
                Add(setting, value, Text(least), reason);
            }
        }

        void Add(string setting, string value, string needed, string reason) => problems.Add(
            $"topic {name}: {setting} is {value}, but {needed} is needed, because {reason}; to correct it: "
            + $"kafka-configs.sh --bootstrap-server {servers} --alter --entity-type topics --entity-name {name} --add-config {setting}={needed}");
    }

    /// <summary>Returns how a topic differs from the one that an installation used before, and the remedy; null if it is the same.</summary>
    public static string? OtherThan(KafkaLogIdentity known, KafkaLogIdentity found) =>
        known.Topic != found.Topic
            ? $"the log of this installation is topic {known.Topic}, but {KafkaLogOptions.Section}:topic is {found.Topic}: set it to {known.Topic}"
        : known.Installation != found.Installation
            ? $"topic {known.Topic} contains the log of installation {known.Installation}, but the owner key is the one of {found.Installation}: restore the data folder that belongs with the topic"
        : known.TopicId != found.TopicId
            ? $"topic {known.Topic} is another one than before (id {found.TopicId} instead of {known.TopicId}): it was deleted and created again, or the brokers are those of another cluster; restore the topic, or begin a new installation in an empty data folder"
        : known.Partitions != found.Partitions
            ? $"topic {known.Topic} has {found.Partitions} partitions instead of {known.Partitions}: records of one user would be in two of them; the number of partitions must never change: restore the topic, or begin a new installation with another topic"
        : known.RecordFormat != found.RecordFormat
            ? $"topic {known.Topic} has messages of format {known.RecordFormat}, but this program writes {found.RecordFormat}: use the version of the program that wrote them"
        : null;

    /// <summary>Returns the time for which the topic keeps a record; null without a limit of time.</summary>
    public static TimeSpan? RetentionOf(FoundTopic found) =>
        found.Settings?.GetValueOrDefault(RetentionMs) is { } text
        && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long ms) && ms >= 0
            ? TimeSpan.FromMilliseconds(Math.Min(ms, (long)TimeSpan.MaxValue.TotalMilliseconds - 1))
            : null;

    /// <summary>Returns whether a size limits what the topic keeps.</summary>
    public static bool HasSizeLimit(FoundTopic found) => found.Settings?.GetValueOrDefault(RetentionBytes) is { } text && text != "-1";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
