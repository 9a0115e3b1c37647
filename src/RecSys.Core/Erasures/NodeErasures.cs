using System.Globalization;
using RecSys.Core.Log;

namespace RecSys.Core.Erasures;

/// <summary>A row of the control store by which a node acknowledges that the erasures up to a position are done in the node's own places.</summary>
/// <param name="Node">Address of the node.</param>
/// <param name="Position">Position in the first partition of the log.</param>
/// <param name="SeenAtMs">Time at which the node last wrote the row, in milliseconds since 1970, UTC. A node that runs writes the row at least once per <see cref="SeenEvery"/>.</param>
/// <remarks>Its bytes are a version (1), the position and the time, each followed by a line feed, then their checksum in 16 hexadecimal digits.</remarks>
public sealed record NodeErasures(string Node, LogPosition Position, long SeenAtMs)
{
    /// <summary>The prefix of the keys.</summary>
    public const string KeyPrefix = "erasure/node/";

    /// <summary>Time after which a node writes its row again although it has not changed.</summary>
    public static readonly TimeSpan SeenEvery = TimeSpan.FromHours(1);

    /// <summary>Time without a renewal of its row after which receipts no longer wait for a node. If the node returns, it does the erasures that it missed.</summary>
    public static readonly TimeSpan AwayMax = TimeSpan.FromDays(30);

    /// <summary>Gets the key of the row.</summary>
    public string Key => KeyPrefix + Node;

    /// <summary>Writes the value of the row.</summary>
    public byte[] Encode() => SealedText.Encode(Position.ToString(), SeenAtMs.ToString(CultureInfo.InvariantCulture));

    /// <summary>Reads a row; one that is damaged, or of a newer program, acknowledges no erasure.</summary>
    public static NodeErasures Decode(string key, ReadOnlySpan<byte> value)
    {
        ArgumentNullException.ThrowIfNull(key);
        return SealedText.Decode(value) is [var text, var seen] && LogPosition.TryParse(text, out LogPosition? position)
            ? new NodeErasures(key[KeyPrefix.Length..], position, long.Parse(seen, CultureInfo.InvariantCulture))
            : new NodeErasures(key[KeyPrefix.Length..], LogPosition.Start, 0);
    }
}
