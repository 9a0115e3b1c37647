using Xunit;

namespace RecSys.Files.Tests;

/// <summary>A crash of the machine cannot be tested here, so the system calls are checked that make a file survive one: sync of the bytes, rename, sync of the folder.</summary>
public sealed class DurableFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_replaced_file_is_synced_before_it_is_renamed_and_its_folder_after()
    {
        await using SystemCalls calls = await SystemCalls.OfThisProcessAsync(_folder.Path);

        DurableFiles.Replace(_folder.File("trends.fold"), stream => stream.Write([1, 2, 3]));

        Assert.Equal(["sync aside", "name", "sync folder"], await calls.EndAsync());
    }

    [Fact]
    public async Task A_new_file_is_synced_before_it_is_named_and_its_folder_after()
    {
        await using SystemCalls calls = await SystemCalls.OfThisProcessAsync(_folder.Path);

        Assert.True(DurableFiles.TryCreate(_folder.File("model.bin"), stream => stream.Write([1, 2, 3])));

        Assert.Equal(["sync aside", "name", "sync folder"], await calls.EndAsync());
    }

    [Fact]
    public async Task A_saved_fold_is_synced()
    {
        FileFoldStore store = new(_folder.Path, FileFoldStoreTests.Here, TimeProvider.System);
        await using SystemCalls calls = await SystemCalls.OfThisProcessAsync(_folder.Path);

        store.Save("trends", [1, 2, 3]);

        Assert.Equal(["sync aside", "name", "sync folder"], await calls.EndAsync());
    }
}
