using RecSys.Core.Ports;

namespace RecSys.TestKit;

/// <summary>A control store in memory that passes <see cref="ControlStoreContract"/>; its calls can be made to fail.</summary>
public sealed class InMemoryControlStore : IControlStore
{
    private readonly Rows _rows;

    public InMemoryControlStore()
        : this(new Rows())
    {
    }

    private InMemoryControlStore(Rows rows) => _rows = rows;

    public event Action<string>? Changed
    {
        add => _rows.Changed += value;
        remove => _rows.Changed -= value;
    }

    /// <summary>Gets or sets the exception that every call throws, before it has an effect; null: calls succeed.</summary>
    public Exception? Fault { get; set; }

    /// <summary>Gets or sets the exception that every change throws, before it has an effect; null: changes succeed.</summary>
    public Exception? WriteFault { get; set; }

    /// <summary>Gets or sets whether the announcements of changes are lost.</summary>
    public bool LosesAnnouncements
    {
        get => _rows.LosesAnnouncements;
        set => _rows.LosesAnnouncements = value;
    }

    /// <summary>Opens another store over the same rows, as on another node or after a restart.</summary>
    public InMemoryControlStore Reopen() => new(_rows);

    public ValueTask<ControlRow?> GetAsync(string key, CancellationToken cancellationToken)
    {
        ControlRow.RequireKey(key);
        Begin(cancellationToken);
        lock (_rows)
        {
            return new(_rows.ByKey.GetValueOrDefault(key));
        }
    }

    public ValueTask<IReadOnlyList<ControlRow>> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        ControlRow.RequireKey(prefix);
        Begin(cancellationToken);
        lock (_rows)
        {
            return new(_rows.ByKey.Values.Where(row => row.Key.StartsWith(prefix, StringComparison.Ordinal)).ToArray());
        }
    }

    public ValueTask<long?> TrySetAsync(string key, long version, ReadOnlyMemory<byte> value, CancellationToken cancellationToken)
    {
        ControlRow.Require(key, version, value);
        Begin(cancellationToken, WriteFault);
        long next;
        lock (_rows)
        {
            if ((_rows.ByKey.GetValueOrDefault(key)?.Version ?? 0) != version)
            {
                return new(default(long?));
            }

            next = ++_rows.LastVersion;
            _rows.ByKey[key] = new ControlRow(key, next, value.ToArray());
        }

        _rows.Announce(key);
        return new(next);
    }

    public ValueTask<bool> TryDeleteAsync(string key, long version, CancellationToken cancellationToken)
    {
        ControlRow.RequireKey(key);
        Begin(cancellationToken, WriteFault);
        lock (_rows)
        {
            if (_rows.ByKey.GetValueOrDefault(key) is not { } row || row.Version != version)
            {
                return new(false);
            }

            _rows.ByKey.Remove(key);
        }

        _rows.Announce(key);
        return new(true);
    }

    private void Begin(CancellationToken cancellationToken, Exception? writeFault = null)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if ((Fault ?? writeFault) is { } fault)
        {
            throw fault;
        }
    }

    private sealed class Rows
    {
        public event Action<string>? Changed;

        public SortedDictionary<string, ControlRow> ByKey { get; } = new(StringComparer.Ordinal);

        public long LastVersion { get; set; }

        public bool LosesAnnouncements { get; set; }

        public void Announce(string key)
        {
            if (!LosesAnnouncements)
            {
                Changed?.Invoke(key);
            }
        }
    }
}
