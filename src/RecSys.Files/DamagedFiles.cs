using System.Globalization;

namespace RecSys.Files;

/// <summary>Renames damaged files, so that they are kept for inspection and not used again.</summary>
public static class DamagedFiles
{
    /// <summary>Separator between a file's name and the time at which it was found damaged.</summary>
    public const string Mark = ".damaged-";

    /// <summary>Renames a file to its damaged name, in the same folder.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="now">The time for the name.</param>
    /// <returns>The new path.</returns>
    /// <exception cref="IOException">The file cannot be renamed.</exception>
    public static string Keep(string path, DateTimeOffset now)
    {
        string stem = path + Mark + now.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        string kept = stem;
        for (int number = 2; File.Exists(kept); number++)
        {
            kept = string.Create(CultureInfo.InvariantCulture, $"{stem}-{number}");
        }

        File.Move(path, kept);
        return kept;
    }

    /// <summary>Returns the damaged files of a folder.</summary>
    public static IReadOnlyList<string> In(string folder) =>
        Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*" + Mark + "*").Order(StringComparer.Ordinal)] : [];
}
