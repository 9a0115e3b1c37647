using RecSys.Core.Ports;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Postgres.Tests;

[Trait("Category", "Slow")]
public sealed class PostgresControlStoreTests(PostgresFixture fixture) : ControlStoreContract, IAsyncLifetime
{
    private readonly TestSchema _schema = new(fixture.Server);
    private readonly List<PostgresControlStore> _open = [];

    public async ValueTask InitializeAsync() => await _schema.StartAsync(Cancel);

    public async ValueTask DisposeAsync()
    {
        foreach (PostgresControlStore store in _open)
        {
            await store.DisposeAsync();
        }

        await _schema.DisposeAsync();
    }

    protected override IControlStore Open()
    {
        PostgresControlStore store = new(_schema.Open());
        _open.Add(store);
        Assert.True(store.Listens.Wait(TimeSpan.FromSeconds(30), Cancel), "it does not listen");
        return store;
    }

    protected override IControlStore Reopen() => Open();

    protected override IControlStore OpenBeside(IControlStore store) => Open();
}
