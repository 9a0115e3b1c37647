using RecSys.Core.Ports;

namespace RecSys.TestKit;

/// <summary>Leases in memory that pass <see cref="LeaseTableContract"/>; its calls can be made to fail.</summary>
public sealed class InMemoryLeaseTable(TimeProvider time) : ILeaseTable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (string Owner, long Version, DateTimeOffset Until)> _rows = new(StringComparer.Ordinal);

    /// <summary>What every call throws from now on; null: it works.</summary>
    public Exception? Fault { get; set; }

    /// <summary>Number of times that a lease was taken or prolonged.</summary>
    public int Takes { get; private set; }

    public ValueTask<LeaseHolding> TakeAsync(string name, string owner, TimeSpan duration, CancellationToken cancellationToken)
    {
        Require(name);
        Require(owner);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(duration, TimeSpan.Zero);
        Begin();
        lock (_lock)
        {
            DateTimeOffset now = time.GetUtcNow();
            (string Owner, long Version, DateTimeOffset Until) row = _rows.GetValueOrDefault(name, ("", 0, default));
            if (row.Owner == owner || row.Until <= now)
            {
                _rows[name] = row = (owner, row.Owner == owner ? row.Version : row.Version + 1, now + duration);
                Takes++;
            }

            return new(new LeaseHolding(row.Owner, row.Version, row.Until - now));
        }
    }

    public ValueTask<LeaseHolding?> ReadAsync(string name, CancellationToken cancellationToken)
    {
        Require(name);
        Begin();
        lock (_lock)
        {
            DateTimeOffset now = time.GetUtcNow();
            return new(_rows.TryGetValue(name, out (string Owner, long Version, DateTimeOffset Until) row) && row.Until > now
                ? new LeaseHolding(row.Owner, row.Version, row.Until - now)
                : default(LeaseHolding?));
        }
    }

    public ValueTask ReleaseAsync(string name, string owner, CancellationToken cancellationToken)
    {
        Require(name);
        Require(owner);
        Begin();
        lock (_lock)
        {
            if (_rows.TryGetValue(name, out (string Owner, long Version, DateTimeOffset Until) row) && row.Owner == owner)
            {
                _rows[name] = row with { Until = default };
            }
        }

        return default;
    }

    private static void Require(string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(text.Length, ILeaseTable.TextMax, nameof(text));
    }

    private void Begin()
    {
        if (Fault is { } fault)
        {
            throw fault;
        }
    }
}
