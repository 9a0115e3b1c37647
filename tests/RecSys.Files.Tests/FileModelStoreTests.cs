using RecSys.Core.Models;
using RecSys.Core.Ports;
using RecSys.TestKit;
using RecSys.TestKit.Models;
using Xunit;

namespace RecSys.Files.Tests;

public sealed class FileModelStoreTests : ModelStoreContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly InMemoryControlStore _control = new();

    protected override IModelStore Open() => new FileModelStore(_folder.Path, _control, TimeProvider.System);

    protected override IModelStore Reopen() => Open();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_partial_file_of_a_crash_is_ignored_and_deleted()
    {
        await Open().PublishAsync(First, SmallModels.Content(["a"]), Cancel);
        string half = _folder.File($"{Second}.model.0123{DurableFiles.AsideSuffix}");
        await File.WriteAllBytesAsync(half, (await File.ReadAllBytesAsync(_folder.File($"{First}.model"), Cancel))[..100], Cancel);

        IModelStore store = Reopen();

        Assert.False(File.Exists(half));
        Assert.Equal([First], (await store.ListAsync(Cancel)).Select(card => card.Version));
        Assert.Null(await store.OpenAsync(Second, Cancel));
    }

    [Fact]
    public async Task Names_are_remembered_after_a_file_was_added_and_before_one_is_deleted()
    {
        List<string> remembered = [];
        FileModelStore store = new(_folder.Path, _control, TimeProvider.System, names =>
        {
            remembered.Add($"{string.Join(' ', names)}, {Directory.EnumerateFiles(_folder.Path).Count()} files");
            return ValueTask.CompletedTask;
        });

        await File.WriteAllTextAsync(_folder.File("challenger.alias"), $"{First}\n", Cancel);
        await store.PublishAsync(First, SmallModels.Content(["a"]), Cancel);
        await store.PublishAsync(Second, SmallModels.Content(["a"]), Cancel);
        await store.SetAliasAsync(ModelAliases.Challenger, null, Cancel);
        await store.DeleteOldAsync(1, Cancel);
        await store.DeleteOldAsync(1, Cancel);

        Assert.Equal(
            [
                $"{First}.model challenger.alias, 2 files",
                $"{First}.model {Second}.model challenger.alias, 3 files",
                $"{First}.model {Second}.model, 3 files",
                $"{Second}.model, 2 files",
            ],
            remembered);
    }

    [Fact]
    public async Task A_folder_that_was_removed_makes_the_store_unavailable()
    {
        IModelStore store = Open();
        Directory.Delete(_folder.Path, recursive: true);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.ListAsync(Cancel).AsTask());
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.ListDamagedAsync(Cancel).AsTask());
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.DeleteOldAsync(1, Cancel).AsTask());
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.PublishAsync(First, SmallModels.Content(["a"]), Cancel).AsTask());
        Directory.CreateDirectory(_folder.Path);
    }

    [Fact]
    public async Task A_file_being_written_is_not_deleted_by_a_second_store()
    {
        string path = _folder.File("x.model");
        bool survived = DurableFiles.TryCreate(path, stream =>
        {
            stream.WriteByte(1);
            Assert.Equal(0, DurableFiles.CleanAside(_folder.Path));
        });

        Assert.True(survived);
        Assert.Equal([1], await File.ReadAllBytesAsync(path, Cancel));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(200)]
    [InlineData(900)]
    public async Task A_truncated_file_is_reported_and_not_listed(int length)
    {
        IModelStore store = Open();
        await store.PublishAsync(First, SmallModels.Content(["a"]), Cancel);
        string path = _folder.File($"{First}.model");
        using (FileStream file = new(path, FileMode.Open))
        {
            file.SetLength(length);
        }

        await Assert.ThrowsAsync<CorruptModelException>(async () => await store.OpenAsync(First, Cancel));
        Assert.Empty(await store.ListAsync(Cancel));
        Assert.Equal(First, Assert.Single(await store.ListDamagedAsync(Cancel)).Version);
    }

    [Fact]
    public async Task A_served_model_is_not_affected_by_the_truncation_of_its_file()
    {
        IModelStore store = Open();
        await store.PublishAsync(First, SmallModels.Content([.. Enumerable.Range(0, 5_000).Select(item => $"item-{item}")]), Cancel);
        using ModelSnapshot served = (await store.OpenAsync(First, Cancel))!;
        float[] before = served.AllFactors.ToArray();
        using (FileStream file = new(_folder.File($"{First}.model"), FileMode.Open))
        {
            file.SetLength(100);
        }

        Assert.NotEmpty(before);
        Assert.Equal(before, served.AllFactors.ToArray());
        Assert.True(served.TryGetIndex("item-4999"u8, out _));
    }

    [Fact]
    public async Task A_model_with_an_undamaged_card_is_known_as_damaged_once_opening_failed()
    {
        IModelStore store = Open();
        await store.PublishAsync(First, SmallModels.Content(["a"]), Cancel);
        string path = _folder.File($"{First}.model");
        byte[] bytes = await File.ReadAllBytesAsync(path, Cancel);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, Cancel);
        Assert.Empty(await store.ListDamagedAsync(Cancel));

        await Assert.ThrowsAsync<CorruptModelException>(async () => await store.OpenAsync(First, Cancel));

        Assert.Contains("checksum", Assert.Single(await store.ListDamagedAsync(Cancel)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_alias_is_reported_and_can_be_set_again()
    {
        IModelStore store = Open();
        await _control.TrySetAsync("model/alias/champion", 0, new byte[] { 1, 2 }, Cancel);

        await RequireDamagedAndSetAsync(store);
    }

    [Fact]
    public async Task A_damaged_alias_file_of_an_older_program_is_reported_and_can_be_set_again()
    {
        IModelStore store = Open();
        await File.WriteAllTextAsync(_folder.File("champion.alias"), "no version!", Cancel);

        await RequireDamagedAndSetAsync(store);

        Assert.False(File.Exists(_folder.File("champion.alias")));
    }

    [Fact]
    public async Task Aliases_of_an_older_program_are_taken_over_when_they_are_read()
    {
        IModelStore store = Open();
        await store.PublishAsync(First, SmallModels.Content(["a"]), Cancel);
        await store.PublishAsync(Second, SmallModels.Content(["a"]), Cancel);
        await File.WriteAllTextAsync(_folder.File("champion.alias"), $"{Second}\n", Cancel);
        await File.WriteAllTextAsync(_folder.File("previous.alias"), $"{First}\n", Cancel);

        Assert.Equal(Second, await store.GetAliasAsync(ModelAliases.Champion, Cancel));
        Assert.True(await store.TryReplaceAliasAsync(ModelAliases.Previous, First, null, Cancel));

        Assert.Empty(Directory.EnumerateFiles(_folder.Path, "*.alias"));
        Assert.Equal(Second, await Reopen().GetAliasAsync(ModelAliases.Champion, Cancel));
        Assert.Null(await Reopen().GetAliasAsync(ModelAliases.Previous, Cancel));
    }

    [Fact]
    public async Task An_alias_file_that_was_left_behind_is_not_read_again()
    {
        IModelStore store = Open();
        await store.PublishAsync(First, SmallModels.Content(["a"]), Cancel);
        await store.SetAliasAsync(ModelAliases.Champion, First, Cancel);
        await store.SetAliasAsync(ModelAliases.Champion, null, Cancel);
        await File.WriteAllTextAsync(_folder.File("champion.alias"), $"{First}\n", Cancel);

        Assert.Null(await store.GetAliasAsync(ModelAliases.Champion, Cancel));
    }

    [Fact]
    public async Task An_alias_file_can_be_read_while_the_control_store_cannot_be_written()
    {
        IModelStore store = Open();
        await File.WriteAllTextAsync(_folder.File("champion.alias"), $"{First}\n", Cancel);
        _control.WriteFault = new StoreUnavailableException("read only");

        Assert.Equal(First, await store.GetAliasAsync(ModelAliases.Champion, Cancel));
        Assert.True(File.Exists(_folder.File("champion.alias")));
    }

    private static async Task RequireDamagedAndSetAsync(IModelStore store)
    {
        await Assert.ThrowsAsync<CorruptModelException>(async () => await store.GetAliasAsync(ModelAliases.Champion, Cancel));
        await store.PublishAsync(First, SmallModels.Content(["a"]), Cancel);
        Assert.True(await store.SetAliasAsync(ModelAliases.Champion, First, Cancel));
        Assert.Equal(First, await store.GetAliasAsync(ModelAliases.Champion, Cancel));
        Assert.Equal(0, await store.DeleteOldAsync(1, Cancel));
    }
}
