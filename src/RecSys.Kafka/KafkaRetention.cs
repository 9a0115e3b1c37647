namespace RecSys.Kafka;

/// <summary>The limits up to which a topic keeps records.</summary>
/// <param name="Time">Time after which a record is removed; null without a limit of time.</param>
/// <param name="HasSizeLimit">Whether a size limits what the topic keeps, so that records may be removed earlier.</param>
public sealed record KafkaRetention(TimeSpan? Time, bool HasSizeLimit)
{
    /// <summary>Gets whether the topic keeps all records.</summary>
    public bool IsUnlimited => Time is null && !HasSizeLimit;
}
