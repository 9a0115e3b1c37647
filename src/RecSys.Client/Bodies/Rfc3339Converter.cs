using System.Text.Json;
using System.Text.Json.Serialization;

namespace RecSys.Client;

/// <summary>
/// Reads and writes times in the format of RFC 3339. A time without an offset is refused, because .NET would read it as the machine's local
/// time. Times are written with their offset.
/// </summary>
internal sealed class Rfc3339Converter : JsonConverter<DateTimeOffset>
{
    private const int LengthMin = 20; // characters of 2026-01-31T23:59:59Z
    private const int OffsetLength = 6; // characters of +00:00

    /// <inheritdoc/>
    public override DateTimeOffset Read(
        ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String
            || !reader.TryGetDateTimeOffset(out DateTimeOffset value)
            || !HasOffset(reader.GetString()!))
        {
            throw new JsonException("a time must be RFC 3339 with an offset, such as \"2026-01-31T23:59:59Z\"");
        }

        return value;
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        if (value.Offset == TimeSpan.Zero)
        {
            writer.WriteStringValue(value.UtcDateTime);
        }
        else
        {
            writer.WriteStringValue(value);
        }
    }

    private static bool HasOffset(string text) =>
        text.Length >= LengthMin && (text[^1] == 'Z' || text[^OffsetLength] is '+' or '-');
}
