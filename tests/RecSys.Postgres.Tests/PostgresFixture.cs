using RecSys.Postgres.Tests;
using RecSys.TestKit;
using Xunit;

[assembly: AssemblyFixture(typeof(PostgresFixture))]

namespace RecSys.Postgres.Tests;

/// <summary>The server that the tests of this assembly share; each test has a schema of its own.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private PostgresServer? _server;

    public PostgresServer Server
    {
        get
        {
            Assert.SkipWhen(_server is null, PostgresServer.Missing ?? "");
            return _server;
        }
    }

    public async ValueTask InitializeAsync() =>
        _server = PostgresServer.Missing is null ? await PostgresServer.StartAsync(TestContext.Current.CancellationToken) : null;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
