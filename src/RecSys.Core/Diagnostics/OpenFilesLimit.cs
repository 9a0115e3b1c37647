using System.Globalization;

namespace RecSys.Core.Diagnostics;

/// <summary>Reads the largest number of files that this process may have open from the text in which Linux lists the limits of a process.</summary>
public static class OpenFilesLimit
{
    /// <summary>The file with the text, which only Linux has.</summary>
    public const string Path = "/proc/self/limits";

    private const string Line = "Max open files";

    /// <summary>Returns the soft limit.</summary>
    /// <param name="limits">The file's text.</param>
    /// <returns>The limit; null if the number of files is unlimited or the text contains no such limit.</returns>
    public static long? Parse(string limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        string? line = limits.Split('\n').FirstOrDefault(line => line.StartsWith(Line, StringComparison.Ordinal));
        string? soft = line?[Line.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out long limit) ? limit : null;
    }
}
