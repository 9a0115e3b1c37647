using RecSys.Cli.Hosting;
using RecSys.Files;
using Xunit;

namespace RecSys.Cli.Tests.Hosting;

public sealed class DataFolderTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("recsys-folder-");

    private string Shop => Path.Combine(_root.FullName, "shop");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void A_folder_is_used_by_one_process_at_a_time()
    {
        using (DataFolder first = DataFolder.TryLock(Shop)!)
        {
            Assert.Null(DataFolder.TryLock(Shop));
        }

        using DataFolder next = DataFolder.TryLock(Shop)!;
        Assert.NotNull(next);
    }

    [Fact]
    public void Deleting_all_files_of_a_folder_does_not_release_its_lock()
    {
        using DataFolder first = DataFolder.TryLock(Shop)!;
        foreach (string file in Directory.EnumerateFiles(Shop))
        {
            File.Delete(file);
        }

        Assert.Null(DataFolder.TryLock(Shop));
    }

    [Fact]
    public void A_renamed_folder_stays_locked_and_the_rename_is_detected()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux tells where an open folder stands");
        using DataFolder first = DataFolder.TryLock(Shop)!;
        string elsewhere = Path.Combine(_root.FullName, "elsewhere");
        Directory.Move(Shop, elsewhere);

        Assert.False(first.IsInPlace);
        Assert.Null(DataFolder.TryLock(elsewhere));
        using DataFolder other = DataFolder.TryLock(Shop)!; // a new folder at the old path is another installation
        other.Announce(new Uri("http://127.0.0.1:6201"));
        first.Dispose();
        Assert.NotNull(DataFolder.ReadServer(Shop));
    }

    [Fact]
    public void A_created_folder_is_accessible_only_to_its_owner()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "modes are Unix's");
        using DataFolder folder = DataFolder.TryLock(Shop)!;
        folder.Announce(new Uri("http://127.0.0.1:6201"));

        Assert.False(PrivateFiles.IsOpenToOthers(Shop));
        Assert.All(Directory.EnumerateFiles(Shop), file => Assert.False(PrivateFiles.IsOpenToOthers(file)));
    }

    [Fact]
    public void A_path_that_is_a_file_is_refused_in_one_line()
    {
        File.WriteAllText(Shop, "");

        CommandException refusal = Assert.Throws<CommandException>(() => DataFolder.TryLock(Shop));

        Assert.Contains("cannot be used as data folder", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }
}
