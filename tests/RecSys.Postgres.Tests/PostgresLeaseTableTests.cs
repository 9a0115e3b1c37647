using Npgsql;
using RecSys.Core.Ports;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Postgres.Tests;

[Trait("Category", "Slow")]
public sealed class PostgresLeaseTableTests(PostgresFixture fixture) : LeaseTableContract, IAsyncLifetime
{
    private readonly TestSchema _schema = new(fixture.Server);
    private readonly PostgresStore[] _nodes = new PostgresStore[4];
    private int _opened;

    public async ValueTask InitializeAsync()
    {
        await _schema.StartAsync(Cancel);
        for (int node = 0; node < _nodes.Length; node++)
        {
            _nodes[node] = _schema.Open();
        }
    }

    public ValueTask DisposeAsync() => _schema.DisposeAsync();

    [Fact]
    public async Task A_taker_that_waited_for_the_row_compares_with_the_time_after_the_wait()
    {
        await Open().TakeAsync("seed", "ada", TimeSpan.FromSeconds(0.5), Cancel);
        await using NpgsqlConnection session = await _schema.Open().OpenSessionAsync(Cancel);
        await RunAsync("BEGIN; SELECT FROM leases WHERE name = 'seed' FOR UPDATE");

        Task<LeaseHolding> taken = Open().TakeAsync("seed", "bob", TimeSpan.FromMinutes(10), Cancel).AsTask();
        await RunAsync("SELECT pg_sleep(0.8); COMMIT");

        Assert.Equal("bob", (await taken).Owner);

        async Task RunAsync(string sql)
        {
            await using NpgsqlCommand command = new(sql, session);
            await command.ExecuteNonQueryAsync(Cancel);
        }
    }

    protected override ILeaseTable Open() => new PostgresLeaseTable(_nodes[Interlocked.Increment(ref _opened) % _nodes.Length]);

    protected override async Task PassAsync(TimeSpan time) => await _schema.RunAsync(FormattableString.Invariant($"SELECT pg_sleep({time.TotalSeconds})"), Cancel);
}
