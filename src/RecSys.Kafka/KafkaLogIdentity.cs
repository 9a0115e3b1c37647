using System.Text.Json;
using System.Text.Json.Serialization;
using RecSys.Core;

namespace RecSys.Kafka;

/// <summary>The topic that contains the log of an installation, so that another topic, or the same name after the topic was deleted, is detected.</summary>
/// <param name="Topic">Name of the topic.</param>
/// <param name="TopicId">Id that Kafka gave the topic when it was created.</param>
/// <param name="Partitions">Number of partitions, which never changes.</param>
/// <param name="RecordFormat">Version of the layout of a message.</param>
/// <param name="Installation">Id of the installation, derived from its owner key: records of another key belong to other owners.</param>
public sealed partial record KafkaLogIdentity(string Topic, string TopicId, int Partitions, int RecordFormat, InstallationId Installation)
{
    /// <summary>Name of the file in a data folder.</summary>
    public const string FileName = "kafka.json";

    private const int Version = 1;

    /// <summary>Returns the identity as JSON.</summary>
    public byte[] Encode() => JsonSerializer.SerializeToUtf8Bytes(
        new Stored(Version, Topic, TopicId, Partitions, RecordFormat, Installation.Value), IdentityJsonContext.Default.Stored);

    /// <summary>Reads the output of <see cref="Encode"/>.</summary>
    /// <param name="bytes">Content of the file.</param>
    /// <param name="source">Name of the file, for the message.</param>
    /// <exception cref="InvalidDataException">The bytes are damaged.</exception>
    /// <exception cref="NotSupportedException">A newer program wrote them.</exception>
    public static KafkaLogIdentity Decode(ReadOnlySpan<byte> bytes, string source)
    {
        Stored? stored;
        try
        {
            stored = JsonSerializer.Deserialize(bytes, IdentityJsonContext.Default.Stored);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{source} is damaged: {error.Message.ReplaceLineEndings(" ")}; restore it from a backup", error);
        }

        return stored switch
        {
            { Version: > Version } => throw new NotSupportedException($"{source} has version {stored.Version}, but this program reads {Version}: upgrade it"),
            { Topic.Length: > 0, TopicId.Length: > 0, Partitions: > 0 } when InstallationId.TryParse(stored.Installation, out InstallationId id) =>
                new KafkaLogIdentity(stored.Topic, stored.TopicId, stored.Partitions, stored.RecordFormat, id),
            _ => throw new InvalidDataException($"{source} is damaged: it has no topic, topicId, partitions or installation; restore it from a backup"),
        };
    }

    internal sealed record Stored(int Version, string Topic, string TopicId, int Partitions, int RecordFormat, string Installation);

    [JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
    [JsonSerializable(typeof(Stored))]
    private sealed partial class IdentityJsonContext : JsonSerializerContext;
}
