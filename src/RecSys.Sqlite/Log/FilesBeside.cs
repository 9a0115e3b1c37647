using System.Globalization;
using System.Text;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Sqlite.Storage;

namespace RecSys.Sqlite.Log;

/// <summary>The facts about other files that the log stores: the names of the models' files, and the end of the impression log.</summary>
/// <remarks>
/// The table <c>beside</c> is apart from the table <c>meta</c> with the installation's key, so that the two are on different pages, and each value contains the installation's id: if the
/// write-ahead log is another installation's than the file, they differ. A value is text: a version (1), the id and the fields, each followed by a line feed, then the checksum of all that in 16
/// hexadecimal digits. A damaged value, or one of a newer program, is ignored and replaced by the next change.
/// </remarks>
internal static class FilesBeside
{
    private const string Version = "1";

    private static ReadOnlySpan<byte> ModelsName => "models"u8;

    private static ReadOnlySpan<byte> SlatesName => "impressions"u8;

    public static void SaveModels(SqliteDatabase database, IEnumerable<string> files) => Save(database, ModelsName, files);

    public static void SaveSlates(SqliteDatabase database, SlatePosition end) =>
        Save(database, SlatesName, new[] { end.Segment, end.FirstMs, end.Slates }.Select(number => number.ToString(CultureInfo.InvariantCulture)));

    public static void ForgetModels(SqliteDatabase database) => Forget(database, ModelsName);

    public static void ForgetSlates(SqliteDatabase database) => Forget(database, SlatesName);

    /// <summary>Returns the names of the models' files; null if none are remembered.</summary>
    public static IReadOnlyList<string>? ModelsIn(SqliteDatabase database) => Load(database, ModelsName)?.Fields;

    /// <summary>Returns the end of the impression log; null if none is remembered.</summary>
    public static SlatePosition? SlatesIn(SqliteDatabase database) =>
        Load(database, SlatesName)?.Fields is [var segment, var firstMs, var slates] ? new SlatePosition(Number(segment), Number(firstMs), Number(slates)) : null;

    /// <summary>Returns the id in a value that is of another installation than the log; null if there is none.</summary>
    public static string? OtherInstallationIn(SqliteDatabase database, InstallationId installation) =>
        new[] { Load(database, ModelsName), Load(database, SlatesName) }.FirstOrDefault(value => value is not null && value.Value.Installation != installation.Value)?.Installation;

    /// <summary>Returns the bytes of a value.</summary>
    internal static byte[] Encode(string installation, IEnumerable<string> fields)
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(fields.Prepend(installation).Prepend(Version).Select(field => field + "\n")));
        return [.. text, .. Encoding.ASCII.GetBytes($"{LogChecksum.Of(text):x16}")];
    }

    /// <summary>Returns the installation's id and the fields of a value; null if it is missing, damaged or of a newer program.</summary>
    internal static (string Installation, string[] Fields)? Decode(byte[]? value) =>
        value is not null
        && Encoding.UTF8.GetString(value).Split('\n') is [Version, var installation, .. var fields, _]
        && value.AsSpan().SequenceEqual(Encode(installation, fields))
            ? (installation, fields)
            : null;

    private static void Save(SqliteDatabase database, ReadOnlySpan<byte> name, IEnumerable<string> fields)
    {
        database.Run("CREATE TABLE IF NOT EXISTS beside(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID");
        using SqliteStatement set = database.Prepare("INSERT OR REPLACE INTO beside(name, value) VALUES(?1, ?2)");
        set.BindText(1, name);
        set.BindBytes(2, Encode(SqliteInstallation.InstallationOf(database)?.Value ?? "", fields));
        set.Run();
    }

    private static (string Installation, string[] Fields)? Load(SqliteDatabase database, ReadOnlySpan<byte> name)
    {
        if (!HasTable(database))
        {
            return null;
        }

        using SqliteStatement select = database.Prepare("SELECT value FROM beside WHERE name = ?1");
        select.BindText(1, name);
        return select.Step() ? Decode(select.Bytes(0).ToArray()) : null;
    }

    private static void Forget(SqliteDatabase database, ReadOnlySpan<byte> name)
    {
        if (HasTable(database))
        {
            using SqliteStatement delete = database.Prepare("DELETE FROM beside WHERE name = ?1");
            delete.BindText(1, name);
            delete.Run();
        }
    }

    // A log of an older program has no such table.
    private static bool HasTable(SqliteDatabase database)
    {
        using SqliteStatement table = database.Prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'beside'");
        return table.Step();
    }

    private static long Number(string field) => long.Parse(field, CultureInfo.InvariantCulture);
}
