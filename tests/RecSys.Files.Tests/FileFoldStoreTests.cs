using System.Buffers;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using Xunit;

namespace RecSys.Files.Tests;

public sealed class FileFoldStoreTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recsys-folds-");

    internal static readonly InstallationId Here = Id("000102030405060708090a0b0c0d0e0f");

    [Fact]
    public void A_fold_of_another_installation_is_not_loaded()
    {
        Open(Id("ff0102030405060708090a0b0c0d0e0f")).Save("catalogue", new([1]));

        CorruptRecordException refusal = Assert.Throws<CorruptRecordException>(() => Open().Load("catalogue"));

        Assert.Contains("belongs to installation ff0102030405060708090a0b0c0d0e0f", refusal.Message, StringComparison.Ordinal);
        Assert.NotNull(Open().KeepDamaged("catalogue"));
        Assert.Null(Open().Load("catalogue"));
    }

    [Fact]
    public void A_file_begins_with_the_installation_of_its_state()
    {
        Open().Save("trends", new([7, 8]));

        Assert.Equal("8952534601000102030405060708090A0B0C0D0E0F0708", Convert.ToHexString(File.ReadAllBytes(PathOf("trends"))));
    }

    [Theory]
    [InlineData(new byte[] { 2, 3 })]
    [InlineData(new byte[0])]
    public void A_file_of_an_older_program_holds_the_state_alone(byte[] state)
    {
        File.WriteAllBytes(PathOf("trends"), state);

        Assert.Equal(state, Open().Load("trends")?.ToArray());
    }

    [Theory]
    [InlineData(new byte[] { 0x89, (byte)'R', (byte)'S', (byte)'F' })]
    [InlineData(new byte[] { 0x89, (byte)'R', (byte)'S', (byte)'F', 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 })]
    public void A_head_that_is_cut_short_or_newer_is_damage(byte[] file)
    {
        File.WriteAllBytes(PathOf("trends"), file);

        Assert.Throws<CorruptRecordException>(() => Open().Load("trends"));
    }

    [Fact]
    public void A_fold_that_was_never_saved_has_no_state() => Assert.Null(Open().Load("trends"));

    [Fact]
    public void The_newest_state_is_loaded_after_a_restart_and_other_folds_are_unchanged()
    {
        Open().Save("trends", new([1]));
        Open().Save("catalogue", new([7]));
        Open().Save("trends", new([2, 3]));

        Assert.Equal([2, 3], Open().Load("trends")?.ToArray());
        Assert.Equal([7], Open().Load("catalogue")?.ToArray());
    }

    [Fact]
    public void A_partial_file_of_a_crash_is_deleted_and_the_previous_state_is_kept()
    {
        Open().Save("trends", new([1]));
        string aside = Path.Combine(_folder.FullName, "trends.fold" + DurableFiles.AsideSuffix);
        File.WriteAllBytes(aside, [9]);

        Assert.Equal([1], Open().Load("trends")?.ToArray());
        Assert.False(File.Exists(aside));
    }

    [Fact]
    public void A_damaged_state_is_kept_under_another_name_and_not_loaded_again()
    {
        Open().Save("trends", new([1, 2]));

        string? kept = Open().KeepDamaged("trends");

        Assert.Null(Open().Load("trends"));
        Assert.Equal([1, 2], FoldHead.ReadState(kept!, Here).ToArray());
        Assert.Null(Open().KeepDamaged("trends"));
    }

    [Fact]
    public void No_state_is_written_into_a_folder_that_replaced_the_first()
    {
        FileFoldStore store = new(_folder.FullName, Here, TimeProvider.System, () => false);

        Assert.Throws<StoreUnavailableException>(() => store.Save("trends", new([1])));
        Assert.Null(store.Load("trends"));
    }

    [Fact]
    public void States_are_readable_only_by_their_owner()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "modes are Unix's");
        Open().Save("trends", new([1]));

        Assert.False(PrivateFiles.IsOpenToOthers(Path.Combine(_folder.FullName, "trends.fold")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../trends")]
    [InlineData("Trends")]
    public void An_invalid_fold_name_is_refused(string name) => Assert.Throws<ArgumentException>(() => Open().Load(name));

    [Fact]
    public void A_folder_that_cannot_be_written_is_an_unavailable_store()
    {
        FileFoldStore store = Open();
        _folder.Delete(recursive: true);

        Assert.Throws<StoreUnavailableException>(() => store.Save("trends", new([1])));
    }

    public void Dispose()
    {
        _folder.Refresh();
        if (_folder.Exists)
        {
            _folder.Delete(recursive: true);
        }
    }

    private FileFoldStore Open() => Open(Here);

    private FileFoldStore Open(InstallationId installation) => new(_folder.FullName, installation, TimeProvider.System);

    private string PathOf(string name) => Path.Combine(_folder.FullName, name + ".fold");

    private static InstallationId Id(string text) => InstallationId.TryParse(text, out InstallationId id) ? id : throw new ArgumentException(text, nameof(text));
}
