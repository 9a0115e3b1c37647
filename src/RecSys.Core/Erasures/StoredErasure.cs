using System.Collections.Immutable;
using System.Globalization;
using RecSys.Core.Log;

namespace RecSys.Core.Erasures;

/// <summary>A place from which an erasure has removed a person's data.</summary>
/// <param name="Place">Name of the place, as <c>IErasable.Place</c> has it.</param>
/// <param name="Node">Address of the node whose place it is; empty if all nodes share the place.</param>
/// <param name="Removed">Number of removed records or rows.</param>
/// <param name="DoneAtMs">Time at which the data was erased from the place, in milliseconds since 1970, UTC.</param>
public readonly record struct StoredPlace(string Place, string Node, long Removed, long DoneAtMs);

/// <summary>An erasure in the control store, which all nodes share: one row.</summary>
/// <param name="Owner">Owner of the erased states.</param>
/// <param name="Places">The cleared places, first cleared first.</param>
/// <remarks>The value of the row is a version (1), the owner and the four fields of each place, each followed by a line feed, then a checksum of all that in 16 hexadecimal digits.</remarks>
public sealed record StoredErasure(Owner Owner, ImmutableArray<StoredPlace> Places)
{
    /// <summary>The prefix of the keys of these rows.</summary>
    public const string KeyPrefix = "erasure/at/";

    /// <summary>The key of the position up to which the shared places are cleared, as <see cref="ErasurePosition"/> writes it.</summary>
    public const string SharedKey = "erasure/shared";

    /// <summary>The prefix of the keys of all rows about erasures, this one and <see cref="SharedKey"/> among them.</summary>
    public const string AllPrefix = "erasure/";

    /// <summary>The largest number of erasures whose rows are kept; of older erasures it is only known whether they are done.</summary>
    public const int ErasuresMax = 1_000;

    /// <summary>Returns the key of an erasure's row. The keys sort as the records do.</summary>
    /// <param name="record">The record of the erasure in the first partition.</param>
    public static string KeyOf(RecordPosition record) =>
        string.Create(CultureInfo.InvariantCulture, $"{KeyPrefix}{record.Epoch:D10}/{record.Offset:D19}");

    /// <summary>Returns a copy in which the given places replace the places of a node, or the shared ones if the node is empty.</summary>
    public StoredErasure With(string node, IEnumerable<StoredPlace> places) => this with { Places = [.. Places.Where(place => place.Node != node), .. places] };

    /// <summary>Returns the value of the row.</summary>
    public byte[] Encode() => SealedText.Encode(Places.SelectMany(place => new[] { place.Place, place.Node, Text(place.Removed), Text(place.DoneAtMs) }).Prepend(Owner.ToString()));

    /// <summary>Decodes the value of a row; null if it is damaged or a newer program wrote it.</summary>
    public static StoredErasure? Decode(ReadOnlySpan<byte> value) =>
        SealedText.Decode(value) is [var owner, .. var fields] && fields.Length % 4 == 0 && Owner.TryParse(owner, out Owner parsed)
            ? new StoredErasure(parsed, [.. fields.Chunk(4).Select(place => new StoredPlace(place[0], place[1], Number(place[2]), Number(place[3])))])
            : null;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
