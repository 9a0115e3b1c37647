using RecSys.Core.Models;
using RecSys.Core.Ports;
using RecSys.TestKit.Models;
using Xunit;

namespace RecSys.Files.Tests;

/// <summary>A crash of the machine cannot be tested here, so the system calls are checked that make a file survive one: sync of the bytes, rename, sync of the folder.</summary>
public sealed class DurableFilesTests : IDisposable
{
    private static readonly ModelVersion Version = new("20260504-120000-1");

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

        store.Save("trends", new([1, 2, 3]));

        Assert.Equal(["sync aside", "name", "sync folder"], await calls.EndAsync());
    }

    [Fact]
    public async Task A_new_file_whose_name_cannot_be_made_durable_is_deleted_and_can_be_written_again()
    {
        string path = _folder.File("model.bin");
        await using (await SystemCalls.FailSyncsOfAsync(_folder.Path))
        {
            Assert.Throws<IOException>(() => DurableFiles.TryCreate(path, stream => stream.Write([1, 2, 3])));
            Assert.Empty(Directory.GetFiles(_folder.Path));
        }

        Assert.True(DurableFiles.TryCreate(path, stream => stream.Write([1, 2, 3])));
    }

    [Fact]
    public async Task A_replaced_file_whose_name_cannot_be_made_durable_is_reported_as_replaced()
    {
        string path = _folder.File("trends.fold");
        DurableFiles.Replace(path, stream => stream.Write([1]));
        await using (await SystemCalls.FailSyncsOfAsync(_folder.Path))
        {
            IOException failed = Assert.Throws<IOException>(() => DurableFiles.Replace(path, stream => stream.Write([2])));
            Assert.Contains($"{path} was replaced, but a crash may restore the old file", failed.Message, StringComparison.Ordinal);
            Assert.Equal([2], await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
        }

        DurableFiles.Replace(path, stream => stream.Write([3]));
        Assert.Equal(path, Assert.Single(Directory.GetFiles(_folder.Path)));
    }

    [Fact]
    public async Task A_model_that_could_not_be_published_durably_is_not_published_and_can_be_published_again()
    {
        using FileModelStore store = new(_folder.Path, new TestKit.InMemoryControlStore(), TimeProvider.System);
        await using (await SystemCalls.FailSyncsOfAsync(_folder.Path))
        {
            await Assert.ThrowsAsync<StoreUnavailableException>(() => PublishAsync().AsTask());
            Assert.Empty(await store.ListAsync(TestContext.Current.CancellationToken));
        }

        Assert.Equal(Version, (await PublishAsync()).Version);

        ValueTask<ModelCard> PublishAsync() => store.PublishAsync(Version, SmallModels.Content(["a"]), TestContext.Current.CancellationToken);
    }
}
