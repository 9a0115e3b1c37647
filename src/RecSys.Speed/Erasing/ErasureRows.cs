using RecSys.Core;
using RecSys.Core.Erasures;
using RecSys.Core.Log;
using RecSys.Core.Ports;

namespace RecSys.Speed.Erasing;

/// <summary>The progress of erasures in the control store: the same on every node.</summary>
internal sealed class ErasureRows(IControlStore store)
{
    /// <summary>Returns the position up to which the shared places are cleared; the start if it is unknown.</summary>
    public async ValueTask<LogPosition> SharedAsync(CancellationToken cancellationToken) =>
        PositionIn(await store.GetAsync(StoredErasure.SharedKey, cancellationToken).ConfigureAwait(false));

    /// <summary>Moves the position up to which the shared places are cleared, unless it is there already.</summary>
    public async ValueTask MoveSharedAsync(LogPosition position, CancellationToken cancellationToken)
    {
        while (true)
        {
            ControlRow? row = await store.GetAsync(StoredErasure.SharedKey, cancellationToken).ConfigureAwait(false);
            LogPosition moved = PositionIn(row).Max(position);
            if ((row is not null && moved.Equals(PositionIn(row)))
                || await store.TrySetAsync(StoredErasure.SharedKey, row?.Version ?? 0, ErasurePosition.Encode(moved), cancellationToken).ConfigureAwait(false) is not null)
            {
                return;
            }
        }
    }

    /// <summary>Returns the places of an erasure; null if they are not kept any more.</summary>
    public async ValueTask<StoredErasure?> FindAsync(RecordPosition record, CancellationToken cancellationToken) =>
        await store.GetAsync(StoredErasure.KeyOf(record), cancellationToken).ConfigureAwait(false) is { } row ? StoredErasure.Decode(row.Value.Span) : null;

    /// <summary>Adds an erasure with its shared places, and deletes the oldest ones beyond <see cref="StoredErasure.ErasuresMax"/>.</summary>
    public async ValueTask AddAsync(RecordPosition record, Owner owner, IReadOnlyList<StoredPlace> shared, CancellationToken cancellationToken)
    {
        await ChangeAsync(record, erasure => (erasure ?? new StoredErasure(owner, [])).With("", shared), cancellationToken).ConfigureAwait(false);
        IReadOnlyList<ControlRow> rows = await store.ListAsync(StoredErasure.KeyPrefix, cancellationToken).ConfigureAwait(false);
        foreach (ControlRow old in rows.Take(rows.Count - StoredErasure.ErasuresMax))
        {
            await store.TryDeleteAsync(old.Key, old.Version, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Adds the places of a node to an erasure that is kept.</summary>
    public ValueTask AddPlacesAsync(RecordPosition record, string node, IReadOnlyList<StoredPlace> places, CancellationToken cancellationToken) =>
        ChangeAsync(record, erasure => erasure?.With(node, places), cancellationToken);

    /// <summary>Returns the nodes that receipts wait for.</summary>
    public async ValueTask<IReadOnlyList<NodeErasures>> NodesAsync(CancellationToken cancellationToken) =>
        [.. (await store.ListAsync(NodeErasures.KeyPrefix, cancellationToken).ConfigureAwait(false)).Select(row => NodeErasures.Decode(row.Key, row.Value.Span))];

    /// <summary>Writes the acknowledgement of a node, unless its row covers the position and is recent.</summary>
    public async ValueTask AcknowledgeAsync(NodeErasures node, CancellationToken cancellationToken)
    {
        while (true)
        {
            ControlRow? row = await store.GetAsync(node.Key, cancellationToken).ConfigureAwait(false);
            NodeErasures now = row is null ? node : NodeErasures.Decode(row.Key, row.Value.Span);
            LogPosition position = now.Position.Max(node.Position);
            bool isRecent = Math.Abs(node.SeenAtMs - now.SeenAtMs) < NodeErasures.SeenEvery.TotalMilliseconds;
            if ((row is not null && isRecent && position.Equals(now.Position))
                || await store.TrySetAsync(node.Key, row?.Version ?? 0, (node with { Position = position }).Encode(), cancellationToken).ConfigureAwait(false) is not null)
            {
                return;
            }
        }
    }

    /// <summary>Deletes the rows of nodes that have not renewed them for <see cref="NodeErasures.AwayMax"/>.</summary>
    /// <returns>The nodes whose rows were deleted.</returns>
    public async ValueTask<IReadOnlyList<string>> ForgetAwayAsync(long nowMs, CancellationToken cancellationToken)
    {
        List<string> away = [];
        foreach (ControlRow row in await store.ListAsync(NodeErasures.KeyPrefix, cancellationToken).ConfigureAwait(false))
        {
            NodeErasures node = NodeErasures.Decode(row.Key, row.Value.Span);
            if (nowMs - node.SeenAtMs > NodeErasures.AwayMax.TotalMilliseconds && await store.TryDeleteAsync(row.Key, row.Version, cancellationToken).ConfigureAwait(false))
            {
                away.Add(node.Node);
            }
        }

        return away;
    }

    private static LogPosition PositionIn(ControlRow? row) =>
        row is not null && ErasurePosition.TryDecode(row.Value.Span, out LogPosition? position) ? position : LogPosition.Start;

    private async ValueTask ChangeAsync(RecordPosition record, Func<StoredErasure?, StoredErasure?> change, CancellationToken cancellationToken)
    {
        string key = StoredErasure.KeyOf(record);
        while (true)
        {
            ControlRow? row = await store.GetAsync(key, cancellationToken).ConfigureAwait(false);
            if (change(row is null ? null : StoredErasure.Decode(row.Value.Span)) is not { } changed
                || await store.TrySetAsync(key, row?.Version ?? 0, changed.Encode(), cancellationToken).ConfigureAwait(false) is not null)
            {
                return;
            }
        }
    }
}
