using System.Collections.Immutable;
using System.Globalization;
using RecSys.Core.Log;

namespace RecSys.Core.Erasures;

/// <summary>A place that was cleared of a person.</summary>
/// <param name="Place">Name of the place.</param>
/// <param name="Node">Address of the node that the place belongs to; empty if all nodes share it.</param>
/// <param name="Removed">Number of removed records or rows.</param>
/// <param name="DoneAtMs">Time of the erasure, in milliseconds since 1970, UTC.</param>
public readonly record struct StoredPlace(string Place, string Node, long Removed, long DoneAtMs);

/// <summary>An erasure as all nodes share it: a row of the control store.</summary>
/// <param name="Owner">Owner of the erased states.</param>
/// <param name="Places">The places that were cleared, in the order in which they were.</param>
/// <remarks>Its bytes are a version (1), the owner and four fields per place, each followed by a line feed, then their checksum in 16 hexadecimal digits.</remarks>
public sealed record StoredErasure(Owner Owner, ImmutableArray<StoredPlace> Places)
{
    /// <summary>The prefix of the keys of erasures.</summary>
    public const string KeyPrefix = "erasure/at/";

    /// <summary>The key of the position up to which the shared places are cleared, as <see cref="ErasurePosition"/> writes it.</summary>
    public const string SharedKey = "erasure/shared";

    /// <summary>The prefix of all rows of erasures.</summary>
    public const string AllPrefix = "erasure/";

    /// <summary>The most erasures whose places are kept; of older ones only the completion is known.</summary>
    public const int ErasuresMax = 1_000;

    /// <summary>Returns the key of an erasure; keys are in the order of the records.</summary>
    /// <param name="record">The record in the first partition.</param>
    public static string KeyOf(RecordPosition record) =>
        string.Create(CultureInfo.InvariantCulture, $"{KeyPrefix}{record.Epoch:D10}/{record.Offset:D19}");

    /// <summary>Returns the erasure with the places of a node, or the shared ones, which replace those that it has.</summary>
    public StoredErasure With(string node, IEnumerable<StoredPlace> places) => this with { Places = [.. Places.Where(place => place.Node != node), .. places] };

    /// <summary>Writes the value of the row.</summary>
    public byte[] Encode() => SealedText.Encode(Places.SelectMany(place => new[] { place.Place, place.Node, Text(place.Removed), Text(place.DoneAtMs) }).Prepend(Owner.ToString()));

    /// <summary>Reads what <see cref="Encode"/> wrote; null if it is damaged or of a newer program.</summary>
    public static StoredErasure? Decode(ReadOnlySpan<byte> value) =>
        SealedText.Decode(value) is [var owner, .. var fields] && fields.Length % 4 == 0 && Owner.TryParse(owner, out Owner parsed)
            ? new StoredErasure(parsed, [.. fields.Chunk(4).Select(place => new StoredPlace(place[0], place[1], Number(place[2]), Number(place[3])))])
            : null;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
