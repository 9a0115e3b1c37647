using RecSys.Core.Ports;
using RecSys.Sqlite.Storage;

namespace RecSys.Sqlite.Control;

/// <summary>The control store of a log that a command reads without a server. Changes are refused.</summary>
internal sealed class ControlReader(string logPath) : IControlStore
{
    public event Action<string>? Changed
    {
        add { }
        remove { }
    }

    public ValueTask<ControlRow?> GetAsync(string key, CancellationToken cancellationToken) => new(Read(database => ControlRows.Get(database, key)));

    public ValueTask<IReadOnlyList<ControlRow>> ListAsync(string prefix, CancellationToken cancellationToken) =>
        new(Read(database => ControlRows.List(database, prefix)) ?? []);

    public ValueTask<long?> TrySetAsync(string key, long version, ReadOnlyMemory<byte> value, CancellationToken cancellationToken) => throw Refused();

    public ValueTask<bool> TryDeleteAsync(string key, long version, CancellationToken cancellationToken) => throw Refused();

    private T? Read<T>(Func<SqliteDatabase, T> read)
        where T : class?
    {
        if (!File.Exists(logPath))
        {
            return null;
        }

        try
        {
            using SqliteDatabase database = SqliteDatabase.OpenReader(logPath);
            return read(database);
        }
        catch (Exception error) when (error is InvalidDataException or InvalidOperationException)
        {
            throw new StoreUnavailableException($"the control store is damaged: {error.Message}", error);
        }
    }

    private static StoreUnavailableException Refused() => new("the control store is read only here");
}
