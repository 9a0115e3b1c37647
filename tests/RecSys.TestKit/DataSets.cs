using Xunit;

namespace RecSys.TestKit;

/// <summary>Paths of public data sets; a test whose data set is missing is skipped.</summary>
public static class DataSets
{
    public static string Require(params string[] path)
    {
        string root = Environment.GetEnvironmentVariable("RECSYS_DATASETS") ?? Beside();
        string full = Path.Combine([root, .. path]);
        Assert.SkipUnless(Path.Exists(full), $"the data set {Path.Combine(path)} is not here: set RECSYS_DATASETS");
        return full;
    }

    private static string Beside()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "RecSys.sln")))
            {
                return Path.Combine(folder.Parent?.FullName ?? folder.FullName, "shared", "datasets");
            }
        }

        return "";
    }
}
