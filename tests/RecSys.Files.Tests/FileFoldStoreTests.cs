using RecSys.Core.Ports;
using Xunit;

namespace RecSys.Files.Tests;

public sealed class FileFoldStoreTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recsys-folds-");

    [Fact]
    public void A_fold_that_was_never_saved_has_nothing() => Assert.Null(Open().Load("trends"));

    [Fact]
    public void The_newest_state_is_there_after_a_restart_and_others_are_untouched()
    {
        Open().Save("trends", [1]);
        Open().Save("catalogue", [7]);
        Open().Save("trends", [2, 3]);

        Assert.Equal([2, 3], Open().Load("trends"));
        Assert.Equal([7], Open().Load("catalogue"));
    }

    [Fact]
    public void What_a_crash_left_half_written_is_cleared_away_and_the_state_before_it_stays()
    {
        Open().Save("trends", [1]);
        string aside = Path.Combine(_folder.FullName, "trends.fold" + DurableFiles.AsideSuffix);
        File.WriteAllBytes(aside, [9]);

        Assert.Equal([1], Open().Load("trends"));
        Assert.False(File.Exists(aside));
    }

    [Fact]
    public void A_damaged_state_is_kept_under_another_name_and_not_loaded_again()
    {
        Open().Save("trends", [1, 2]);

        string? kept = Open().KeepDamaged("trends");

        Assert.Null(Open().Load("trends"));
        Assert.Equal([1, 2], File.ReadAllBytes(kept!));
        Assert.Null(Open().KeepDamaged("trends"));
    }

    [Fact]
    public void Nothing_is_written_into_a_folder_that_took_the_place_of_the_first()
    {
        FileFoldStore store = new(_folder.FullName, TimeProvider.System, () => false);

        Assert.Throws<StoreUnavailableException>(() => store.Save("trends", [1]));
        Assert.Null(store.Load("trends"));
    }

    [Fact]
    public void States_are_for_their_owner_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "modes are Unix's");
        Open().Save("trends", [1]);

        Assert.False(PrivateFiles.IsOpenToOthers(Path.Combine(_folder.FullName, "trends.fold")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../trends")]
    [InlineData("Trends")]
    public void A_name_that_is_no_folds_is_refused(string name) => Assert.Throws<ArgumentException>(() => Open().Load(name));

    [Fact]
    public void A_folder_that_cannot_be_written_is_an_unavailable_store()
    {
        FileFoldStore store = Open();
        _folder.Delete(recursive: true);

        Assert.Throws<StoreUnavailableException>(() => store.Save("trends", [1]));
    }

    public void Dispose()
    {
        _folder.Refresh();
        if (_folder.Exists)
        {
            _folder.Delete(recursive: true);
        }
    }

    private FileFoldStore Open() => new(_folder.FullName, TimeProvider.System);
}
