using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace RecSys.Core.Log;

/// <summary>
/// The saved position up to which all erasures of the log are done: its text, a space, and the checksum of that text in 16
/// hexadecimal digits. Older programs wrote no checksum.
/// </summary>
public static class ErasurePosition
{
    /// <summary>The name of the fold that stores it.</summary>
    public const string FoldName = "erasures";

    /// <summary>Returns the bytes of a position.</summary>
    public static byte[] Encode(LogPosition position)
    {
        ArgumentNullException.ThrowIfNull(position);
        byte[] text = Encoding.ASCII.GetBytes(position.ToString());
        return [.. text, .. Encoding.ASCII.GetBytes($" {LogChecksum.Of(text):x16}")];
    }

    /// <summary>Reads a position.</summary>
    /// <returns>False if the bytes are damaged.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out LogPosition? position)
    {
        int space = bytes.IndexOf((byte)' ');
        return LogPosition.TryParse(Encoding.ASCII.GetString(space < 0 ? bytes : bytes[..space]), out position)
            && (space < 0 || bytes.SequenceEqual(Encode(position)));
    }
}
