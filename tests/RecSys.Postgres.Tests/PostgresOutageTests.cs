using RecSys.Core.Ports;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Postgres.Tests;

/// <summary>A server of these tests' own, which is stopped and killed.</summary>
[Trait("Category", "Slow")]
public sealed class PostgresOutageTests : IAsyncLifetime
{
    private PostgresServer? _server;
    private TestSchema _schema = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private PostgresServer Server => _server!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        Assert.SkipUnless(Environment.GetEnvironmentVariable(PostgresServer.Variable) is null, $"{PostgresServer.Variable} names a server, which is not stopped");
        _server = await PostgresServer.StartOwnAsync(Cancel);
        _schema = new TestSchema(_server);
        try
        {
            await _schema.StartAsync(Cancel);
        }
        catch
        {
            await DisposeAsync(); // xUnit disposes only of what was initialized
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _schema.DisposeAsync();
            await _server.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_restart_of_the_server_fails_no_later_call()
    {
        PostgresSnapshotTable table = new(_schema.Open());
        await Task.WhenAll(Enumerable.Range(0, 8).Select(number => table.SaveAsync([new($"owner{number}", 1, new byte[] { 1 })], Cancel).AsTask()));
        await Server.StopAsync(Cancel);
        await Server.StartAgainAsync(Cancel);

        for (int number = 0; number < 8; number++)
        {
            Assert.Equal(1, (await table.LoadAsync($"owner{number}", Cancel))?.Revision);
        }

        Assert.Equal([SaveOutcome.Saved], await table.SaveAsync([new("owner0", 2, new byte[] { 2 })], Cancel));
    }

    [Fact]
    public async Task While_the_server_is_away_calls_fail_at_once_and_later_ones_find_it_again()
    {
        PostgresSnapshotTable table = new(_schema.Open(options => options.RetryAfter = TimeSpan.FromMilliseconds(500)));
        await table.SaveAsync([new("ada", 1, new byte[] { 1 })], Cancel);
        await Server.StopAsync(Cancel);

        StoreUnavailableException? away = null;
        for (int call = 0; call < 20; call++)
        {
            away = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await table.SaveAsync([new("ada", 2, new byte[] { 2 })], Cancel));
        }

        Assert.Contains("does not answer and is tried again after RetryAfter", away!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(PostgresServer.Password, away.ToString(), StringComparison.Ordinal);
        await Server.StartAgainAsync(Cancel);
        Assert.Equal([SaveOutcome.Saved], await UntilAnsweredAsync(() => table.SaveAsync([new("ada", 2, new byte[] { 2 })], Cancel)));
        Assert.Equal(2, (await table.LoadAsync("ada", Cancel))?.Revision);
    }

    [Fact]
    public async Task Kills_of_the_server_lose_no_acknowledged_save()
    {
        const int Writers = 4;
        const int Owners = 10;
        const int Kills = 3;
        const int SavesBetween = 40;
        long[] acknowledged = new long[Writers];
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(
            async () =>
            {
                PostgresSnapshotTable table = new(_schema.Open(options => options.RetryAfter = TimeSpan.FromMilliseconds(500)));
                for (long revision = 1; !stop.IsCancellationRequested; revision++)
                {
                    SavedState[] group = [.. Enumerable.Range(0, Owners).Select(owner => new SavedState($"{writer}-{owner}", revision, BitConverter.GetBytes(revision)))];
                    SaveOutcome[] outcomes = await UntilAnsweredAsync(() => table.SaveAsync(group, Cancel));
                    Assert.All(outcomes, outcome => Assert.Equal(SaveOutcome.Saved, outcome));
                    Interlocked.Exchange(ref acknowledged[writer], revision);
                }
            },
            Cancel)));

        for (int kill = 0; kill < Kills; kill++)
        {
            await MoreSavedAsync();
            Server.Kill();
            await Server.StartAgainAsync(Cancel);
        }

        await MoreSavedAsync();
        Server.Kill();
        await stop.CancelAsync();
        await Server.StartAgainAsync(Cancel);
        await writing;

        PostgresSnapshotTable read = new(_schema.Open());
        for (int writer = 0; writer < Writers; writer++)
        {
            for (int owner = 0; owner < Owners; owner++)
            {
                SavedState? state = await read.LoadAsync($"{writer}-{owner}", Cancel);
                Assert.Equal(acknowledged[writer], state?.Revision);
                Assert.Equal(acknowledged[writer], BitConverter.ToInt64(state!.Value.State.Span));
            }
        }

        async Task MoreSavedAsync()
        {
            long[] before = [.. acknowledged];
            while (!Enumerable.Range(0, Writers).All(writer => Interlocked.Read(ref acknowledged[writer]) >= before[writer] + SavesBetween))
            {
                Assert.False(writing.IsFaulted, writing.Exception?.ToString());
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
            }
        }
    }

    [Fact]
    public async Task A_change_of_the_control_store_after_a_restart_of_the_server_is_made_and_announced()
    {
        await using PostgresControlStore store = new(_schema.Open(options => options.RetryAfter = TimeSpan.FromMilliseconds(500)));
        await store.Listens.WaitAsync(Cancel);
        long first = (await store.TrySetAsync("a", 0, new byte[] { 1 }, Cancel))!.Value;
        await Server.StopAsync(Cancel);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.GetAsync("a", Cancel));
        await Server.StartAgainAsync(Cancel);

        long? second = await UntilAnsweredAsync(() => store.TrySetAsync("a", first, new byte[] { 2 }, Cancel));

        Assert.Equal(second, (await store.GetAsync("a", Cancel))?.Version);
        PostgresControlStore other = new(_schema.Open());
        await using (other)
        {
            TaskCompletionSource announced = new(TaskCreationOptions.RunContinuationsAsynchronously);
            store.Changed += _ => announced.TrySetResult();
            long version = second!.Value;
            while (!announced.Task.IsCompleted)
            {
                version = (await other.TrySetAsync("a", version, new byte[] { 3 }, Cancel))!.Value;
                await Task.WhenAny(announced.Task, Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, Cancel));
            }
        }
    }

    [Fact]
    public async Task A_server_that_may_damage_what_it_acknowledged_is_reported()
    {
        Assert.True((await _schema.Open().InspectAsync(Cancel)).IsDurable);
        await _schema.RunAsync("ALTER SYSTEM SET full_page_writes = off", Cancel);
        await Server.StopAsync(Cancel);
        await Server.StartAgainAsync(Cancel);

        Assert.False((await _schema.Open().InspectAsync(Cancel)).IsDurable);
    }

    private static async Task<T> UntilAnsweredAsync<T>(Func<ValueTask<T>> call)
    {
        while (true)
        {
            try
            {
                return await call();
            }
            catch (StoreUnavailableException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancel);
            }
        }
    }
}
