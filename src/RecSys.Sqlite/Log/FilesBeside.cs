using System.Globalization;
using System.Text;
using RecSys.Core.Log;
using RecSys.Sqlite.Storage;

namespace RecSys.Sqlite.Log;

/// <summary>What the log remembers of the files beside it: the names of the models' files, and the end of the impression log. Two values of the table <c>meta</c>.</summary>
/// <remarks>
/// A value is text: a version (1) and the fields, each followed by a line feed, then the checksum of all that in 16 hexadecimal digits. A value that is damaged or of
/// a newer program is as good as none: it is written again by the next change.
/// </remarks>
internal static class FilesBeside
{
    private const string Version = "1";

    private static ReadOnlySpan<byte> ModelsName => "models"u8;

    private static ReadOnlySpan<byte> SlatesName => "impressions"u8;

    public static void SaveModels(SqliteDatabase database, IEnumerable<string> files) =>
        SqliteFormat.ReplaceMeta(database, ModelsName, Encode(files));

    public static void SaveSlates(SqliteDatabase database, SlatePosition end) =>
        SqliteFormat.ReplaceMeta(
            database, SlatesName, Encode(new[] { end.Segment, end.FirstMs, end.Slates }.Select(number => number.ToString(CultureInfo.InvariantCulture))));

    public static void ForgetModels(SqliteDatabase database) => SqliteFormat.DeleteMeta(database, ModelsName);

    public static void ForgetSlates(SqliteDatabase database) => SqliteFormat.DeleteMeta(database, SlatesName);

    /// <summary>Returns the names of the models' files; null if none are remembered.</summary>
    public static IReadOnlyList<string>? ModelsIn(SqliteDatabase database) => Decode(SqliteFormat.TryGetMeta(database, ModelsName));

    /// <summary>Returns the end of the impression log; null if none is remembered.</summary>
    public static SlatePosition? SlatesIn(SqliteDatabase database) =>
        Decode(SqliteFormat.TryGetMeta(database, SlatesName)) is [var segment, var firstMs, var slates]
            ? new SlatePosition(Number(segment), Number(firstMs), Number(slates))
            : null;

    /// <summary>Returns the bytes of a value.</summary>
    internal static byte[] Encode(IEnumerable<string> fields)
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(fields.Prepend(Version).Select(field => field + "\n")));
        return [.. text, .. Encoding.ASCII.GetBytes($"{LogChecksum.Of(text):x16}")];
    }

    /// <summary>Returns the fields of a value; null if it is missing, damaged or of a newer program.</summary>
    internal static string[]? Decode(byte[]? value)
    {
        if (value is null || Encoding.UTF8.GetString(value).Split('\n') is not [Version, .. var fields, _])
        {
            return null;
        }

        return value.AsSpan().SequenceEqual(Encode(fields)) ? fields : null;
    }

    private static long Number(string field) => long.Parse(field, CultureInfo.InvariantCulture);
}
