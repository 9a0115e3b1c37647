using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using RecSys.Core;
using RecSys.TestKit;

namespace RecSys.Postgres.Tests;

/// <summary>A schema of a test's own, and the stores that a test opens on it.</summary>
internal sealed class TestSchema(PostgresServer server) : IAsyncDisposable
{
    private readonly List<PostgresStore> _stores = [];

    public static InstallationId Installation { get; } = new OwnerHash(new byte[OwnerHash.KeySizeBytes]).Installation;

    public string Name { get; } = $"test_{Guid.NewGuid():N}";

    public PostgresOptions Options => new() { Url = server.Url, Password = server.UserPassword, Schema = Name };

    /// <summary>Opens a store, as a node of its own, on the tables that exist.</summary>
    public PostgresStore Open(Action<PostgresOptions>? configure = null)
    {
        PostgresOptions options = Options;
        configure?.Invoke(options);
        PostgresStore store = PostgresStore.Create(options, TimeProvider.System, NullLogger<PostgresStore>.Instance);
        _stores.Add(store);
        return store;
    }

    /// <summary>Opens a store and creates the tables.</summary>
    public async Task<PostgresStore> StartAsync(CancellationToken cancellationToken)
    {
        PostgresStore store = Open();
        await store.StartAsync(Installation, cancellationToken);
        return store;
    }

    /// <summary>Runs a statement in the schema.</summary>
    public async Task<object?> RunAsync(string sql, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection connection = await Open().OpenSessionAsync(cancellationToken);
        await using NpgsqlCommand command = new(sql, connection);
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (!server.IsOwn)
        {
            await RunAsync($"DROP SCHEMA IF EXISTS {Name} CASCADE", CancellationToken.None);
        }

        foreach (PostgresStore store in _stores)
        {
            await store.DisposeAsync();
        }
    }
}
