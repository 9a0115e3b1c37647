using System.Globalization;

namespace RecSys.Files;

/// <summary>Files that cannot be used any more, kept under names of their own for someone to look at.</summary>
public static class DamagedFiles
{
    /// <summary>What stands between a file's name and the time at which it was found damaged.</summary>
    public const string Mark = ".damaged-";

    /// <summary>Moves a file to its damaged name, in its folder.</summary>
    /// <param name="path">The file.</param>
    /// <param name="now">The time that goes into the name.</param>
    /// <returns>Where it is now.</returns>
    /// <exception cref="IOException">It cannot be moved.</exception>
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

    /// <summary>The damaged files of a folder.</summary>
    public static IReadOnlyList<string> In(string folder) =>
        Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*" + Mark + "*").Order(StringComparer.Ordinal)] : [];
}
