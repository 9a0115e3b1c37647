using RecSys.Cli.Hosting;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Sqlite;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Cli.Tests.Hosting;

public sealed class ControlMoveTests : IDisposable
{
    private readonly TestKit.DataFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Rows_of_a_node_alone_are_moved_once_and_replace_no_row_of_the_shared_store()
    {
        string path = _folder.File("log.db");
        await using SqliteInteractionLog log = SqliteInteractionLog.Open(
            new SqliteLogOptions { Path = path }, new LogRecordCodec(SqliteInstallation.OpenOwnerHash(path)), TimeProvider.System);
        using SqliteControlStore own = new(log);
        InMemoryControlStore shared = new();
        await own.TrySetAsync("model/alias/champion", 0, new byte[] { 1 }, Cancel);
        await own.TrySetAsync("job/1", 0, new byte[] { 2 }, Cancel);
        // The rows are listed by the first character of their keys, of which ~ is the last.
        await own.TrySetAsync("~last", 0, new byte[] { 3 }, Cancel);
        await shared.TrySetAsync("job/1", 0, new byte[] { 9 }, Cancel);

        await new ControlMove(own, shared).StartAsync(Cancel);
        ControlRow moved = (await shared.GetAsync("~last", Cancel))!;
        // A second move must not bring back what was deleted after the first.
        await shared.TryDeleteAsync("~last", moved.Version, Cancel);
        await new ControlMove(own, shared).StartAsync(Cancel);

        Assert.Equal([1], (await shared.GetAsync("model/alias/champion", Cancel))?.Value.ToArray());
        Assert.Equal([9], (await shared.GetAsync("job/1", Cancel))?.Value.ToArray());
        Assert.Null(await shared.GetAsync("~last", Cancel));
        Assert.Null(await own.GetAsync("model/alias/champion", Cancel));
    }

    [Fact]
    public async Task Rows_that_are_valid_only_while_the_node_runs_alone_are_deleted()
    {
        string path = _folder.File("log.db");
        await using SqliteInteractionLog log = SqliteInteractionLog.Open(
            new SqliteLogOptions { Path = path }, new LogRecordCodec(SqliteInstallation.OpenOwnerHash(path)), TimeProvider.System);
        using SqliteControlStore own = new(log);
        InMemoryControlStore shared = new();
        // They contain the node's earlier address, or offsets of its own log.
        foreach (string key in (string[])["model/served/a", "erasure/node/a", "erasure/shared", "coordinator/jobs"])
        {
            await own.TrySetAsync(key, 0, new byte[] { 1 }, Cancel);
        }

        await new ControlMove(own, shared).StartAsync(Cancel);

        foreach (string prefix in (string[])["model/", "erasure/", "coordinator/"])
        {
            Assert.Empty(await shared.ListAsync(prefix, Cancel));
            Assert.Empty(await own.ListAsync(prefix, Cancel));
        }
    }
}
