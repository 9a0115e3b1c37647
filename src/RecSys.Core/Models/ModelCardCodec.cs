using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using RecSys.Core.Log;

namespace RecSys.Core.Models;

/// <summary>Encodes a model's card as JSON, with the properties in a fixed order. Properties are only added; unknown ones are ignored when a card is read.</summary>
internal static class ModelCardCodec
{
    public static byte[] Encode(ModelCard card)
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            json.WriteString("algorithm", card.Algorithm);
            if (card.Parent is { } parent)
            {
                json.WriteString("parent", parent.Value);
            }

            json.WriteStartArray("lineage");
            foreach (ModelVersion ancestor in card.Lineage)
            {
                json.WriteStringValue(ancestor.Value);
            }

            json.WriteEndArray();
            json.WriteString("watermark", card.Watermark.ToString());
            json.WriteNumber("newestInteractionMs", card.NewestInteractionMs);
            json.WriteNumber("seed", card.Seed);
            json.WriteNumber("itemCount", card.ItemCount);
            json.WriteNumber("userCount", card.UserCount);
            json.WriteNumber("interactionCount", card.InteractionCount);
            WriteNumbers(json, "parameters", card.Parameters);
            WriteNumbers(json, "metrics", card.Metrics);
            if (card.Verdict is not null)
            {
                json.WriteString("verdict", card.Verdict);
            }

            if (card.Installation is { } installation)
            {
                json.WriteString("installation", installation.Value);
            }

            json.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }

    /// <exception cref="CorruptModelException">The bytes are not a card.</exception>
    public static ModelCard Decode(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            JsonElement root = document.RootElement;
            return new ModelCard
            {
                Algorithm = root.GetProperty("algorithm").GetString() ?? throw new FormatException("algorithm is null"),
                Parent = root.TryGetProperty("parent", out JsonElement parent) ? Version(parent) : null,
                Lineage = [.. root.GetProperty("lineage").EnumerateArray().Select(Version)],
                Watermark = LogPosition.TryParse(root.GetProperty("watermark").GetString(), out LogPosition? watermark)
                    ? watermark
                    : throw new FormatException("watermark is not a position"),
                NewestInteractionMs = root.GetProperty("newestInteractionMs").GetInt64(),
                Seed = root.GetProperty("seed").GetUInt64(),
                ItemCount = root.GetProperty("itemCount").GetInt32(),
                UserCount = root.GetProperty("userCount").GetInt32(),
                InteractionCount = root.GetProperty("interactionCount").GetInt64(),
                Parameters = Numbers(root.GetProperty("parameters")),
                Metrics = Numbers(root.GetProperty("metrics")),
                Verdict = root.TryGetProperty("verdict", out JsonElement verdict) ? verdict.GetString() : null,
                Installation = root.TryGetProperty("installation", out JsonElement installation) ? IdOf(installation) : null,
            };
        }
        catch (Exception exception) when (exception
            is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new CorruptModelException($"the model's card cannot be read: {exception.Message}", exception);
        }
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, ImmutableSortedDictionary<string, double> numbers)
    {
        json.WriteStartObject(name);
        foreach ((string key, double number) in numbers)
        {
            json.WriteNumber(key, number);
        }

        json.WriteEndObject();
    }

    private static ImmutableSortedDictionary<string, double> Numbers(JsonElement element)
    {
        ImmutableSortedDictionary<string, double>.Builder numbers =
            ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        foreach (JsonProperty property in element.EnumerateObject())
        {
            numbers[property.Name] = property.Value.GetDouble();
        }

        return numbers.ToImmutable();
    }

    private static ModelVersion Version(JsonElement element) => new(element.GetString()!);

    private static InstallationId IdOf(JsonElement element) =>
        InstallationId.TryParse(element.GetString(), out InstallationId id) ? id : throw new FormatException("installation is not an id");
}
