namespace RecSys.Architecture.Tests;

/// <summary>The checkout from which these tests were built.</summary>
internal static class Repository
{
    /// <summary>The folder of RecSys.sln.</summary>
    public static readonly string Root = FindRoot();

    /// <summary>Returns the paths of files under a folder of the checkout, without build output.</summary>
    public static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories)
            .Where(path => !Path.GetRelativePath(Root, path).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))
            .Order(StringComparer.Ordinal);

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "RecSys.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("RecSys.sln is in no folder above the tests");
    }
}
