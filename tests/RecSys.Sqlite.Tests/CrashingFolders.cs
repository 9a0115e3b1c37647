using RecSys.TestKit;

namespace RecSys.Sqlite.Tests;

/// <summary>The folders of a test, each with the files that a crash would leave of the folder before, and the stores that were opened in them.</summary>
internal sealed class CrashingFolders : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _open = [];
    private readonly List<DataFolder> _folders = [new()];

    /// <summary>Gets the newest folder.</summary>
    public DataFolder Current => _folders[^1];

    /// <summary>Goes on in another folder with the files as they are now.</summary>
    public void Crash() => _folders.Add(Current.Crashed());

    /// <summary>Returns a store, which is closed before the folders are deleted.</summary>
    public T Add<T>(T store)
        where T : IAsyncDisposable
    {
        _open.Add(store);
        return store;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable store in _open)
        {
            await store.DisposeAsync();
        }

        _folders.ForEach(folder => folder.Dispose());
    }
}
