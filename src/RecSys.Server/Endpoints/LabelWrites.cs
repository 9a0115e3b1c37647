using RecSys.Core;
using RecSys.Core.Log;

namespace RecSys.Server.Endpoints;

/// <summary>Orders the changes of one user's labels on this node, so that each is checked against the result of the one before it.</summary>
/// <remarks>Users share <see cref="Limits.ShardCount"/> gates: memory stays bounded, and changes of different users rarely wait for each other.</remarks>
internal sealed class LabelWrites : IDisposable
{
    private readonly Gate[] _gates = [.. Enumerable.Range(0, Limits.ShardCount).Select(_ => new Gate())];

    /// <summary>Gets the gate of a user.</summary>
    public Gate this[Owner owner] => _gates[owner.Shard];

    /// <summary>Returns the gates of users, each once, in the order in which they must be entered. It is the same for all calls, so that no two wait for each other.</summary>
    public IEnumerable<Gate> Of(IEnumerable<Owner> owners) => owners.Select(owner => owner.Shard).Distinct().Order().Select(shard => _gates[shard]);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Gate gate in _gates)
        {
            gate.Dispose();
        }
    }

    /// <summary>A gate: at most one checked change at a time, and the position of the writes of its users' labels.</summary>
    internal sealed class Gate : IDisposable
    {
        private readonly SemaphoreSlim _turn = new(1);
        private LogPosition? _written;

        /// <summary>Gets the position that covers all writes; null if this node wrote no labels of these users yet.</summary>
        public LogPosition? Written => Volatile.Read(ref _written);

        /// <summary>Enters the gate; returns false if that takes longer than <paramref name="timeout"/>.</summary>
        public Task<bool> EnterAsync(TimeSpan timeout, CancellationToken cancellationToken) => _turn.WaitAsync(timeout, cancellationToken);

        /// <summary>Leaves the gate.</summary>
        public void Leave() => _turn.Release();

        /// <summary>Extends <see cref="Written"/> by the position of a write.</summary>
        public void Advance(LogPosition position)
        {
            LogPosition? before;
            LogPosition after;
            do
            {
                before = Volatile.Read(ref _written);
                after = before?.Max(position) ?? position;
            }
            while (Interlocked.CompareExchange(ref _written, after, before) != before);
        }

        /// <inheritdoc/>
        public void Dispose() => _turn.Dispose();
    }
}
