using RecSys.Core.Ports;

namespace RecSys.TestKit;

/// <summary>A lease table in memory that passes <see cref="LeaseTableContract"/>; a test can make its calls fail.</summary>
public sealed class InMemoryLeaseTable(TimeProvider time) : ILeaseTable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (string Owner, long Version, DateTimeOffset EndsAt)> _rows = new(StringComparer.Ordinal);

    /// <summary>Gets or sets the exception that each call throws; null if calls succeed.</summary>
    public Exception? Fault { get; set; }

    /// <summary>Gets the number of calls that took or prolonged a lease.</summary>
    public int Takes { get; private set; }

    public ValueTask<LeaseHolding> TakeAsync(string name, string owner, TimeSpan duration, CancellationToken cancellationToken)
    {
        Require(name);
        Require(owner);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(duration, TimeSpan.Zero);
        ThrowIfFaulty();
        lock (_lock)
        {
            DateTimeOffset now = time.GetUtcNow();
            (string Owner, long Version, DateTimeOffset EndsAt) row = _rows.GetValueOrDefault(name, ("", 0, default));
            if (row.Owner == owner || row.EndsAt <= now)
            {
                _rows[name] = row = (owner, row.Owner == owner ? row.Version : row.Version + 1, now + duration);
                Takes++;
            }

            return new(new LeaseHolding(row.Owner, row.Version, row.EndsAt - now));
        }
    }

    public ValueTask<LeaseHolding?> ReadAsync(string name, CancellationToken cancellationToken)
    {
        Require(name);
        ThrowIfFaulty();
        lock (_lock)
        {
            DateTimeOffset now = time.GetUtcNow();
            return new(_rows.TryGetValue(name, out (string Owner, long Version, DateTimeOffset EndsAt) row) && row.EndsAt > now
                ? new LeaseHolding(row.Owner, row.Version, row.EndsAt - now)
                : default(LeaseHolding?));
        }
    }

    public ValueTask ReleaseAsync(string name, string owner, CancellationToken cancellationToken)
    {
        Require(name);
        Require(owner);
        ThrowIfFaulty();
        lock (_lock)
        {
            if (_rows.TryGetValue(name, out (string Owner, long Version, DateTimeOffset EndsAt) row) && row.Owner == owner)
            {
                _rows[name] = row with { EndsAt = default };
            }
        }

        return default;
    }

    private static void Require(string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(text.Length, ILeaseTable.TextMax, nameof(text));
    }

    private void ThrowIfFaulty()
    {
        if (Fault is { } fault)
        {
            throw fault;
        }
    }
}
