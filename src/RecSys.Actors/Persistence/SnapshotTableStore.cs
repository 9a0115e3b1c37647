using System.Runtime.InteropServices;
using Akka.Actor;
using Akka.Persistence;
using RecSys.Core.Ports;

namespace RecSys.Actors.Persistence;

/// <summary>The snapshot-store plug-in: keeps states of actors in an <see cref="ISnapshotTable"/>, saved in groups.</summary>
/// <remarks>
/// The sequence number is the revision; a conflict is a <see cref="SaveSnapshotFailure"/> whose cause is a
/// <see cref="SnapshotConflictException"/>. States are bytes: their actors encode them. One row per owner is kept, so a
/// delete does nothing. The plug-in answers Akka's snapshot protocol itself instead of deriving from
/// Akka's base class, whose circuit breaker counts conflicts as failures of the store, and which costs a timer and four tasks per save.
/// </remarks>
internal sealed class SnapshotTableStore : ActorBase
{
    private readonly SaveGroups _saves;
    private readonly LoadGroups _loads;

    public SnapshotTableStore()
    {
        SnapshotTableSetup setup = Context.System.Settings.Setup.Get<SnapshotTableSetup>() is { HasValue: true } found
            ? found.Value
            : throw new InvalidOperationException($"the actor system was created without a {nameof(SnapshotTableSetup)}");
        _saves = new SaveGroups(setup.Table, setup.Options);
        _loads = new LoadGroups(setup.Table, setup.Options);
    }

    protected override bool Receive(object message)
    {
        IActorRef asker = Sender;
        IActorRef self = Self;
        switch (message)
        {
            case SaveSnapshot { Snapshot: byte[] bytes } save:
                _saves.Save(new SavedState(save.Metadata.PersistenceId, save.Metadata.SequenceNr, bytes), failure =>
                    asker.Tell(failure is null ? new SaveSnapshotSuccess(save.Metadata) : new SaveSnapshotFailure(save.Metadata, failure), self));
                return true;
            case SaveSnapshot save:
                asker.Tell(new SaveSnapshotFailure(save.Metadata, new ArgumentException(
                    $"a state is saved as the bytes that its owner encodes, not as {save.Snapshot.GetType()}")));
                return true;
            case LoadSnapshot load:
                _loads.Load(load.PersistenceId, (state, failure) =>
                    asker.Tell(failure is null ? new LoadSnapshotResult(Selected(load, state), load.ToSequenceNr) : new LoadSnapshotFailed(failure), self));
                return true;
            case DeleteSnapshot delete:
                asker.Tell(new DeleteSnapshotSuccess(delete.Metadata));
                return true;
            case DeleteSnapshots delete:
                asker.Tell(new DeleteSnapshotsSuccess(delete.Criteria));
                return true;
            default:
                return false;
        }
    }

    private static SelectedSnapshot? Selected(LoadSnapshot load, SavedState? state) =>
        state is { } found
        && found.Revision <= Math.Min(load.Criteria.MaxSequenceNr, load.ToSequenceNr)
        && found.Revision >= load.Criteria.MinSequenceNr
            ? new SelectedSnapshot(new SnapshotMetadata(found.Owner, found.Revision, DateTime.UnixEpoch), BytesOf(found.State))
            : null;

    private static byte[] BytesOf(ReadOnlyMemory<byte> state) =>
        MemoryMarshal.TryGetArray(state, out ArraySegment<byte> segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length
            ? segment.Array
            : state.ToArray();
}
