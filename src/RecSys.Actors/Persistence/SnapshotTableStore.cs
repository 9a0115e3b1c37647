using System.Runtime.InteropServices;
using Akka.Persistence;
using Akka.Persistence.Snapshot;
using RecSys.Core.Ports;

namespace RecSys.Actors.Persistence;

/// <summary>The one snapshot-store plug-in: states of actors in an <see cref="ISnapshotTable"/>, saved in groups.</summary>
/// <remarks>
/// The sequence number is the revision; a conflict is a <see cref="SaveSnapshotFailure"/> whose cause is a
/// <see cref="SnapshotConflictException"/>. States are bytes: their owners encode them. One row an owner is kept, so a
/// delete does nothing: after a failed save Akka asks for one, and it must not take the row that is there.
/// </remarks>
internal sealed class SnapshotTableStore : SnapshotStore
{
    private readonly SaveGroups _saves;
    private readonly LoadGroups _loads;

    public SnapshotTableStore()
    {
        SnapshotTableSetup setup = Context.System.Settings.Setup.Get<SnapshotTableSetup>() is { HasValue: true } found
            ? found.Value
            : throw new InvalidOperationException($"the actor system was made without a {nameof(SnapshotTableSetup)}");
        _saves = new SaveGroups(setup.Table, setup.Options);
        _loads = new LoadGroups(setup.Table, setup.Options);
    }

    protected override async Task<SelectedSnapshot?> LoadAsync(
        string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken)
    {
        SavedState? loaded = await _loads.LoadAsync(persistenceId).ConfigureAwait(false);
        return loaded is { } state && state.Revision <= criteria.MaxSequenceNr && state.Revision >= criteria.MinSequenceNr
            ? new SelectedSnapshot(new SnapshotMetadata(persistenceId, state.Revision, DateTime.UnixEpoch), BytesOf(state.State))
            : null;
    }

    // Giving up on a save that hangs ends the waiting alone; should it succeed after all, trying it again finds it saved.
    protected override Task SaveAsync(SnapshotMetadata metadata, object snapshot, CancellationToken cancellationToken) => snapshot is byte[] bytes
        ? _saves.SaveAsync(new SavedState(metadata.PersistenceId, metadata.SequenceNr, bytes))
        : throw new ArgumentException(
            $"a state is saved as the bytes that its owner encodes, not as {snapshot.GetType()}", nameof(snapshot));

    protected override Task DeleteAsync(SnapshotMetadata metadata, CancellationToken cancellationToken) => Task.CompletedTask;

    protected override Task DeleteAsync(
        string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken) => Task.CompletedTask;

    private static byte[] BytesOf(ReadOnlyMemory<byte> state) =>
        MemoryMarshal.TryGetArray(state, out ArraySegment<byte> segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length
            ? segment.Array
            : state.ToArray();
}
