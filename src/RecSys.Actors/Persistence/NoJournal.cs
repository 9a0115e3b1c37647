using System.Collections.Immutable;
using Akka.Actor;
using Akka.Persistence;
using Akka.Persistence.Journal;

namespace RecSys.Actors.Persistence;

/// <summary>A journal without events: only snapshots are saved. Persisting an event is refused.</summary>
internal sealed class NoJournal : AsyncWriteJournal
{
    public override Task ReplayMessagesAsync(
        IActorContext context,
        string persistenceId,
        long fromSequenceNr,
        long toSequenceNr,
        long max,
        Action<IPersistentRepresentation> recoveryCallback) => Task.CompletedTask;

    // The highest sequence number is that of the snapshot, after which recovery would read.
    public override Task<long> ReadHighestSequenceNrAsync(string persistenceId, long fromSequenceNr, CancellationToken cancellationToken) =>
        Task.FromResult(fromSequenceNr);

    protected override Task<IImmutableList<Exception?>> WriteMessagesAsync(
        IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken) =>
        Task.FromException<IImmutableList<Exception?>>(new NotSupportedException(
            "events are not persisted here: the interaction log is the journal; save a snapshot"));

    protected override Task DeleteMessagesToAsync(string persistenceId, long toSequenceNr, CancellationToken cancellationToken) =>
        Task.CompletedTask;
}
