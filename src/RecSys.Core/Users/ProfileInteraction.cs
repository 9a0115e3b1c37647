using System.Text;
using RecSys.Core.Log;

namespace RecSys.Core.Users;

/// <summary>One interaction of a profile, read in place: each request for a string allocates a new one.</summary>
public readonly struct ProfileInteraction
{
    private readonly byte[] _bytes;
    private readonly PackedEntry _entry;

    internal ProfileInteraction(byte[] bytes, PackedEntry entry)
    {
        _bytes = bytes;
        _entry = entry;
    }

    /// <summary>Gets the position of its record.</summary>
    public RecordPosition Position => _entry.Key.Position;

    /// <summary>Gets the time, in milliseconds since 1970, UTC.</summary>
    public long TimestampMs => _entry.Key.TimestampMs;

    /// <summary>Gets the name of the type; allocates unless it is a built-in type.</summary>
    public string Type => Body.TypeName();

    /// <summary>Gets the item's id; allocates.</summary>
    public ItemId Item => ItemId.FromChecked(Encoding.UTF8.GetString(Body.Item));

    /// <summary>Gets the item's id in UTF-8; allocates nothing.</summary>
    public ReadOnlySpan<byte> ItemUtf8 => Body.Item;

    /// <summary>Gets the value: a rating, an amount or a share watched; finite.</summary>
    public double? Value => Body.Value;

    /// <summary>Gets the caller's id of the interaction; allocates.</summary>
    public string? Id => InteractionPayload.TextOrNull(Body.Id);

    /// <summary>Gets the id of the recommendation that led to the interaction; allocates.</summary>
    public string? RecommendationId => InteractionPayload.TextOrNull(Body.RecommendationId);

    /// <summary>Reads the item's id in UTF-8, the name of the type and the value in one call, which is faster than by their properties; allocates nothing for a built-in type.</summary>
    public void Read(out ReadOnlySpan<byte> itemUtf8, out string type, out double? value)
    {
        InteractionPayload body = Body;
        itemUtf8 = body.Item;
        type = body.TypeName();
        value = body.Value;
    }

    internal HistoryKey Key => _entry.Key;

    internal ReadOnlySpan<byte> BodyBytes => _bytes.AsSpan(_entry.BodyStart, _entry.BodyEnd - _entry.BodyStart);

    internal InteractionPayload Body => _entry.BodyIn(_bytes);
}
