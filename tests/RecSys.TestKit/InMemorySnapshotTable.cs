using System.Runtime.CompilerServices;
using System.Text;
using RecSys.Core.Ports;

namespace RecSys.TestKit;

/// <summary>A snapshot table in memory that passes <see cref="SnapshotTableContract"/>; its calls can be made to fail.</summary>
public sealed class InMemorySnapshotTable : ISnapshotTable
{
    private readonly SortedDictionary<string, SavedState> _rows;
    private readonly int _queueStatesMax;
    private int _waiting;
    private int _isReplacing;

    public InMemorySnapshotTable(int queueStatesMax = int.MaxValue)
        : this(new(StringComparer.Ordinal), queueStatesMax)
    {
    }

    private InMemorySnapshotTable(SortedDictionary<string, SavedState> rows, int queueStatesMax)
    {
        _rows = rows;
        _queueStatesMax = queueStatesMax;
    }

    /// <summary>Gets or sets the exception that every call throws, before it has an effect; null: calls succeed.</summary>
    public Exception? Fault { get; set; }

    /// <summary>Gets or sets the task for which every load and save waits, as in a store that hangs; null: none.</summary>
    public Task? Hold { get; set; }

    /// <summary>Gets or sets which owners' loads never end, as those of a partition that is stuck; null: none.</summary>
    public Predicate<string>? IsStuck { get; set; }

    /// <summary>Gets the number of saved groups.</summary>
    public int Groups { get; private set; }

    /// <summary>Opens another table over the same rows, as after a restart.</summary>
    public InMemorySnapshotTable Reopen() => new(_rows, _queueStatesMax);

    public async ValueTask<SaveOutcome[]> SaveAsync(IReadOnlyList<SavedState> group, CancellationToken cancellationToken)
    {
        Begin(cancellationToken);
        foreach (SavedState state in group)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(state.Revision, 1, nameof(group));
            if (state.Owner.Length is 0 or > 100 || !Ascii.IsValid(state.Owner) || state.State.Length > 4 << 20)
            {
                throw new ArgumentException("an owner or a state is too long", nameof(group));
            }
        }

        if (Interlocked.Add(ref _waiting, group.Count) > _queueStatesMax)
        {
            Interlocked.Add(ref _waiting, -group.Count);
            throw new OverloadedException($"more than {_queueStatesMax} states wait");
        }

        await HoldAsync(cancellationToken);
        SaveOutcome[] outcomes = new SaveOutcome[group.Count];
        lock (_rows)
        {
            for (int index = 0; index < outcomes.Length; index++)
            {
                SavedState state = group[index];
                SavedState stored = _rows.GetValueOrDefault(state.Owner);
                if (stored.Revision == state.Revision - 1)
                {
                    _rows[state.Owner] = state with { State = state.State.ToArray() };
                }
                else if (stored.Revision != state.Revision || !stored.State.Span.SequenceEqual(state.State.Span))
                {
                    outcomes[index] = SaveOutcome.Conflict;
                }
            }

            Groups++;
        }

        Interlocked.Add(ref _waiting, -group.Count);
        return outcomes;
    }

    public async ValueTask<SavedState?> LoadAsync(string owner, CancellationToken cancellationToken)
    {
        Begin(cancellationToken);
        await HoldAsync(cancellationToken);
        if (IsStuck?.Invoke(owner) == true)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }

        lock (_rows)
        {
            return _rows.TryGetValue(owner, out SavedState state) ? state : null;
        }
    }

    public async IAsyncEnumerable<SavedState> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Begin(cancellationToken);
        SavedState[] rows;
        lock (_rows)
        {
            rows = [.. _rows.Values];
        }

        await Task.Yield();
        foreach (SavedState row in rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return row;
        }
    }

    public ValueTask<ISnapshotReplacement> BeginReplacementAsync(CancellationToken cancellationToken)
    {
        Begin(cancellationToken);
        return Interlocked.Exchange(ref _isReplacing, 1) == 1
            ? throw new InvalidOperationException("another replacement is open")
            : new(new Replacement(this));
    }

    private async Task HoldAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        if (Hold is { } hold)
        {
            await hold.WaitAsync(cancellationToken);
        }
    }

    private void Begin(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Fault is { } fault)
        {
            throw fault;
        }
    }

    private sealed class Replacement(InMemorySnapshotTable table) : ISnapshotReplacement
    {
        private readonly Dictionary<string, ReadOnlyMemory<byte>> _states = new(StringComparer.Ordinal);

        public ValueTask<ReadOnlyMemory<byte>?> LoadAsync(string owner, CancellationToken cancellationToken)
        {
            table.Begin(cancellationToken);
            return new(_states.TryGetValue(owner, out ReadOnlyMemory<byte> state) ? state : default(ReadOnlyMemory<byte>?));
        }

        public ValueTask PutAsync(IReadOnlyList<(string Owner, ReadOnlyMemory<byte> State)> states, CancellationToken cancellationToken)
        {
            table.Begin(cancellationToken);
            foreach ((string owner, ReadOnlyMemory<byte> state) in states)
            {
                _states[owner] = state.ToArray();
            }

            return ValueTask.CompletedTask;
        }

        public ValueTask CommitAsync(CancellationToken cancellationToken)
        {
            table.Begin(cancellationToken);
            lock (table._rows)
            {
                long revision = table._rows.Values.Select(row => row.Revision).DefaultIfEmpty().Max() + 1_000;
                table._rows.Clear();
                foreach ((string owner, ReadOnlyMemory<byte> state) in _states)
                {
                    table._rows[owner] = new SavedState(owner, revision, state);
                }
            }

            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            Volatile.Write(ref table._isReplacing, 0);
            return ValueTask.CompletedTask;
        }
    }
}
