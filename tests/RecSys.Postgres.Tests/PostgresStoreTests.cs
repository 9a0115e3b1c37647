using RecSys.Core;
using RecSys.Core.Ports;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Postgres.Tests;

[Trait("Category", "Slow")]
public sealed class PostgresStoreTests(PostgresFixture fixture) : IAsyncLifetime
{
    private readonly TestSchema _schema = new(fixture.Server);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => _schema.DisposeAsync();

    [Fact]
    public async Task Nodes_that_start_at_once_create_the_tables_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => _schema.StartAsync(Cancel)));

        Assert.Equal(0L, await _schema.RunAsync("SELECT count(*) FROM states", Cancel));
    }

    [Fact]
    public async Task The_tables_of_an_older_version_are_upgraded_and_keep_their_rows()
    {
        PostgresStore older = await _schema.StartAsync(Cancel);
        await new PostgresSnapshotTable(older).SaveAsync([new("ada", 1, new byte[] { 1 })], Cancel);
        await _schema.RunAsync("DROP TABLE control; DROP SEQUENCE control_versions; DROP TABLE leases; UPDATE meta SET value = '1' WHERE name = 'version'", Cancel);

        PostgresStore upgraded = await _schema.StartAsync(Cancel);

        Assert.Equal([1], (await new PostgresSnapshotTable(upgraded).LoadAsync("ada", Cancel))?.State.ToArray());
        await using PostgresControlStore control = new(upgraded);
        Assert.NotNull(await control.TrySetAsync("a", 0, new byte[] { 1 }, Cancel));
        Assert.Equal(PostgresReport.SchemaMax, (await upgraded.InspectAsync(Cancel)).Schema);
    }

    [Fact]
    public async Task Nodes_that_start_at_once_without_a_key_of_the_owners_get_the_same()
    {
        byte[][] keys = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => _schema.Open().ShareOwnerKeyAsync(own: null, Cancel)));

        Assert.All(keys, key => Assert.Equal(keys[0], key));
        await _schema.Open().StartAsync(new OwnerHash(keys[0]).Installation, Cancel);
        Assert.Equal(keys[0], await _schema.Open().ShareOwnerKeyAsync(new byte[OwnerHash.KeySizeBytes], Cancel));
    }

    [Fact]
    public async Task The_key_of_an_installation_that_used_the_database_alone_is_stored_by_its_node_and_refused_to_others()
    {
        await _schema.StartAsync(Cancel);

        InvalidDataException refusal = await Assert.ThrowsAsync<InvalidDataException>(() => _schema.Open().ShareOwnerKeyAsync(own: null, Cancel));

        Assert.Contains("start the node with its data folder first", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(new byte[OwnerHash.KeySizeBytes], await _schema.Open().ShareOwnerKeyAsync(new byte[OwnerHash.KeySizeBytes], Cancel));
        Assert.Equal(new byte[OwnerHash.KeySizeBytes], await _schema.Open().ShareOwnerKeyAsync(own: null, Cancel));
    }

    [Fact]
    public async Task A_newer_schema_is_refused()
    {
        await _schema.StartAsync(Cancel);
        await _schema.RunAsync("UPDATE meta SET value = '1000' WHERE name = 'version'", Cancel);

        NotSupportedException refusal = await Assert.ThrowsAsync<NotSupportedException>(() => _schema.StartAsync(Cancel));

        Assert.Contains("version 1000, made by a newer program", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Fact]
    public async Task The_schema_of_another_installation_is_refused()
    {
        await _schema.StartAsync(Cancel);
        byte[] key = new byte[OwnerHash.KeySizeBytes];
        key[0] = 1;

        InvalidDataException refusal = await Assert.ThrowsAsync<InvalidDataException>(() => _schema.Open().StartAsync(new OwnerHash(key).Installation, Cancel));

        Assert.Contains($"belongs to installation {TestSchema.Installation}", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_is_reported_without_it()
    {
        Assert.SkipUnless(fixture.Server.IsOwn, $"{PostgresServer.Variable} names the server");
        PostgresStore store = _schema.Open(options => options.Password = "a wrong one");

        StoreUnavailableException refusal = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.StartAsync(TestSchema.Installation, Cancel));

        Assert.Contains("password authentication failed for user \"recsys\"", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("PGPASSWORD", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("a wrong one", refusal.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_save_waits_for_the_disk_even_where_the_database_does_not_by_default()
    {
        await _schema.StartAsync(Cancel);
        await using PostgresStore store = _schema.Open();

        Assert.Equal("on", await store.RunAsync("test", async (connection, token) =>
        {
            await using Npgsql.NpgsqlCommand off = new("ALTER ROLE CURRENT_USER SET synchronous_commit = off", connection);
            await off.ExecuteNonQueryAsync(token);
            await using PostgresStore next = _schema.Open();
            return await next.RunAsync("test", async (opened, cancel) =>
            {
                await using Npgsql.NpgsqlCommand show = new("SHOW synchronous_commit", opened);
                return (string)(await show.ExecuteScalarAsync(cancel))!;
            }, token);
        }, Cancel));
        await _schema.RunAsync("ALTER ROLE CURRENT_USER RESET synchronous_commit", Cancel);
    }
}
