namespace RecSys.Eng.Servers;

/// <summary>Copies and searches data folders.</summary>
internal static class Folders
{
    /// <summary>Copies a folder with all files and folders in it; the copy must not exist.</summary>
    public static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string folder in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories))
        {
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        }

        foreach (string file in Files(from))
        {
            File.Copy(Path.Combine(from, file), Path.Combine(to, file));
        }
    }

    /// <summary>Returns the files of a folder by their paths inside it, in ordinal order.</summary>
    public static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(folder, path))
            .Order(StringComparer.Ordinal);

    /// <summary>Returns the files that contain a text.</summary>
    public static IEnumerable<string> FilesWith(string folder, string text)
    {
        byte[] wanted = System.Text.Encoding.UTF8.GetBytes(text);
        return Files(folder).Where(file => Read(Path.Combine(folder, file)).AsSpan().IndexOf(wanted) >= 0);
    }

    /// <summary>Returns the bytes of a file that a server may have open; empty if it cannot be read.</summary>
    public static byte[] Read(string path)
    {
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (IOException)
        {
            return [];
        }
    }
}
