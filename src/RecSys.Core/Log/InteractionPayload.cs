using System.Text;

namespace RecSys.Core.Log;

/// <summary>
/// The bytes of an interaction in records and profiles: flags, type (a code, or 0 and the name), item, and, each only if it is set, value,
/// id and recommendation id.
/// </summary>
internal readonly ref struct InteractionPayload
{
    public const byte HasValue = 1;
    public const byte HasId = 2;
    public const byte HasRecommendationId = 4;

    /// <summary>Flag, in a record only: a context follows the body.</summary>
    public const byte HasContext = 8;

    public byte Flags { get; private init; }

    public byte TypeCode { get; private init; }

    public ReadOnlySpan<byte> SpelledType { get; private init; }

    public ReadOnlySpan<byte> Item { get; private init; }

    public double? Value { get; private init; }

    /// <summary>Gets the UTF-8 of the interaction's id; empty if there is none.</summary>
    public ReadOnlySpan<byte> Id { get; private init; }

    /// <summary>Gets the UTF-8 of the recommendation's id; empty if there is none.</summary>
    public ReadOnlySpan<byte> RecommendationId { get; private init; }

    /// <summary>Reads a body; <paramref name="reader"/> is broken afterwards if the bytes are not a body.</summary>
    public static InteractionPayload Read(scoped ref ByteReader reader)
    {
        byte flags = reader.Byte();
        byte code = reader.Byte();
        if (flags > (HasValue | HasId | HasRecommendationId | HasContext) || code >= InteractionTypeCode.Count)
        {
            reader.Break();
            code = InteractionTypeCode.Spelled;
        }

        return new InteractionPayload
        {
            Flags = flags,
            TypeCode = code,
            SpelledType = code == InteractionTypeCode.Spelled ? reader.Id() : [],
            Item = reader.Id(),
            Value = (flags & HasValue) != 0 ? reader.Finite() : null,
            Id = (flags & HasId) != 0 ? reader.Id() : [],
            RecommendationId = (flags & HasRecommendationId) != 0 ? reader.Id() : [],
        };
    }

    public static void Write(ref ByteWriter writer, LogRecord.Interaction record)
    {
        byte code = InteractionTypeCode.Of(record.Type);
        writer.Byte((byte)(
            (record.Value is null ? 0 : HasValue)
            | (record.Id is null ? 0 : HasId)
            | (record.RecommendationId is null ? 0 : HasRecommendationId)
            | (record.Context is null ? 0 : HasContext)));
        writer.Byte(code);
        if (code == InteractionTypeCode.Spelled)
        {
            writer.Text(record.Type, Limits.IdBytesMax, "the interaction's type");
        }

        writer.Text(record.Item.Value, Limits.IdBytesMax, "the item's id");
        if (record.Value is { } value)
        {
            writer.Double(value);
        }

        if (record.Id is { } id)
        {
            writer.Text(id, Limits.IdBytesMax, "the interaction's id");
        }

        if (record.RecommendationId is { } recommendation)
        {
            writer.Text(recommendation, Limits.IdBytesMax, "the recommendation's id");
        }
    }

    public string TypeName() => InteractionTypeCode.NameOf(TypeCode, SpelledType);

    public static string? TextOrNull(ReadOnlySpan<byte> text) => text.IsEmpty ? null : Encoding.UTF8.GetString(text);
}
