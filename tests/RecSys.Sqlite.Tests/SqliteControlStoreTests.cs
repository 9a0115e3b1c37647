using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Sqlite.Storage;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Sqlite.Tests;

public sealed class SqliteControlStoreTests : ControlStoreContract, IAsyncDisposable
{
    private readonly List<(SqliteInteractionLog Log, SqliteControlStore Store)> _open = [];
    private readonly List<DataFolder> _folders = [new()];

    private string LogPath => _folders[^1].File("log.db");

    public async ValueTask DisposeAsync()
    {
        foreach ((SqliteInteractionLog log, SqliteControlStore store) in _open)
        {
            store.Dispose();
            await log.DisposeAsync();
        }

        _folders.ForEach(folder => folder.Dispose());
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_log_without_the_table_has_no_rows()
    {
        IControlStore store = Open();

        Assert.Null(await store.GetAsync("a", Cancel));
        Assert.Empty(await store.ListAsync("a", Cancel));
        Assert.False(await store.TryDeleteAsync("a", 1, Cancel));
        Assert.Null(await store.TrySetAsync("a", 1, new byte[] { 1 }, Cancel));
    }

    [Fact]
    public async Task A_damaged_page_is_an_unavailable_store_and_the_log_stays_readable()
    {
        IControlStore store = Open();
        await store.TrySetAsync("a", 0, new byte[30_000], Cancel);
        await _open[^1].Log.AppendAsync([new LogRecord.ItemChanged(new ItemId("kettle"), null, 1)], Cancel);
        _open[^1].Store.Dispose();
        await _open[^1].Log.DisposeAsync();
        _open.Clear();
        long page;
        using (SqliteDatabase database = SqliteDatabase.OpenReader(LogPath))
        {
            using SqliteStatement root = database.Prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'control'");
            root.Step();
            page = root.Integer(0);
        }

        using (FileStream file = File.OpenWrite(LogPath))
        {
            file.Position = (page - 1) * 8_192;
            file.Write(new byte[8_192]);
        }

        store = Open();

        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.GetAsync("a", Cancel));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.TrySetAsync("b", 0, new byte[] { 1 }, Cancel));
        Assert.Single((await _open[^1].Log.ReadAsync(0, 0, 10, Cancel)).Entries);
        await _open[^1].Log.AppendAsync([new LogRecord.ItemChanged(new ItemId("teapot"), null, 2)], Cancel);
    }

    protected override IControlStore Open()
    {
        SqliteInteractionLog log = SqliteInteractionLog.Open(
            new SqliteLogOptions { Path = LogPath }, new LogRecordCodec(SqliteInstallation.OpenOwnerHash(LogPath)), TimeProvider.System);
        SqliteControlStore store = new(log);
        _open.Add((log, store));
        return store;
    }

    protected override IControlStore Reopen()
    {
        _folders.Add(_folders[^1].Crashed());
        return Open();
    }
}
