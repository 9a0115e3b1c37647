namespace RecSys.Eng;

/// <summary>The checkout that this program was built from.</summary>
internal static class Repository
{
    /// <summary>Gets the folder of RecSys.sln.</summary>
    public static string Root { get; } = FindRoot();

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "RecSys.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("RecSys.sln is in no folder above this program");
    }
}
