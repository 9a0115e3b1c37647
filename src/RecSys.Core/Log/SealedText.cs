using System.Text;

namespace RecSys.Core.Log;

/// <summary>The bytes of a few fields of text: a version (1) and the fields, each followed by a line feed, then the checksum of all that in 16 hexadecimal digits.</summary>
internal static class SealedText
{
    private const string Version = "1";

    /// <summary>Writes fields; a line break in a field becomes a space.</summary>
    public static byte[] Encode(params IEnumerable<string> fields)
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(fields.Select(field => field.ReplaceLineEndings(" ")).Prepend(Version).Select(field => field + "\n")));
        return [.. text, .. Encoding.ASCII.GetBytes($"{LogChecksum.Of(text):x16}")];
    }

    /// <summary>Reads fields; null if the bytes are damaged or of a newer program.</summary>
    public static string[]? Decode(ReadOnlySpan<byte> bytes) =>
        Encoding.UTF8.GetString(bytes).Split('\n') is [Version, .. var fields, _] && bytes.SequenceEqual(Encode(fields)) ? fields : null;
}
