using System.Text;

namespace RecSys.Core.Log;

/// <summary>An interaction read in place from a record's bytes: strings are allocated only on request.</summary>
public readonly ref struct EncodedInteraction
{
    private readonly InteractionPayload _body;

    private EncodedInteraction(scoped in LogRecordHead head, ReadOnlySpan<byte> user, InteractionPayload body, ReadOnlySpan<byte> bodyBytes)
    {
        Owner = head.Owner;
        TimestampMs = head.TimestampMs;
        UserUtf8 = user;
        _body = body;
        BodyBytes = bodyBytes;
    }

    /// <summary>Gets the owner.</summary>
    public Owner Owner { get; }

    /// <summary>Gets the time, in milliseconds since 1970, UTC.</summary>
    public long TimestampMs { get; }

    /// <summary>Gets the UTF-8 of the user's id.</summary>
    public ReadOnlySpan<byte> UserUtf8 { get; }

    /// <summary>Gets the UTF-8 of the item's id.</summary>
    public ReadOnlySpan<byte> ItemUtf8 => _body.Item;

    /// <summary>Gets the name of the type; allocates unless it is a built-in type.</summary>
    public string Type => _body.TypeName();

    /// <summary>Gets the item's id; allocates.</summary>
    public ItemId Item => ItemId.FromChecked(Encoding.UTF8.GetString(_body.Item));

    /// <summary>Gets the value, finite, or null.</summary>
    public double? Value => _body.Value;

    /// <summary>Gets the UTF-8 of the caller's id of the interaction; empty if it has none.</summary>
    public ReadOnlySpan<byte> IdUtf8 => _body.Id;

    /// <summary>Gets the UTF-8 of the recommendation's id; empty if none.</summary>
    public ReadOnlySpan<byte> RecommendationIdUtf8 => _body.RecommendationId;

    internal InteractionPayload Body => _body;

    internal ReadOnlySpan<byte> BodyBytes { get; }

    /// <summary>Reads the record if it is an interaction.</summary>
    /// <returns>False for another record, and for corrupt bytes; the context's bytes are not checked.</returns>
    public static bool TryRead(ReadOnlySpan<byte> record, out EncodedInteraction interaction)
    {
        interaction = default;
        ByteReader reader = new(record);
        LogRecordHead head = LogRecordHead.Read(ref reader);
        if (head.Kind != LogRecord.Kind.Interaction)
        {
            return false;
        }

        ReadOnlySpan<byte> user = reader.Id();
        int start = reader.Position;
        InteractionPayload body = InteractionPayload.Read(ref reader);
        bool hasContext = (body.Flags & InteractionPayload.HasContext) != 0;
        if (reader.IsBroken || (!hasContext && !reader.IsDone))
        {
            return false;
        }

        interaction = new EncodedInteraction(head, user, body, record[start..reader.Position]);
        return true;
    }
}
