using System.Runtime.CompilerServices;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Users;

namespace RecSys.Speed;

/// <summary>The erasures in saved states, for a rebuild from a damaged log: the record that erased a person may be among the lost ones.</summary>
public static class ErasedStates
{
    private const int PutMax = 500;

    /// <summary>Atomically replaces all saved states by the tombstones of erased persons, which contain no other data of them.</summary>
    /// <param name="table">The states; no actor runs.</param>
    /// <param name="end">Position of the newest record of the log: later ones, which get the offsets after it, are not erased.</param>
    /// <param name="cancellationToken">Cancels the reading; no state is changed then.</param>
    /// <exception cref="StoreUnavailableException">The states cannot be read or written now: all are old or all are new.</exception>
    public static async Task KeepOnlyErasuresAsync(ISnapshotTable table, LogPosition end, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(end);
        ISnapshotReplacement replacement = await table.BeginReplacementAsync(cancellationToken).ConfigureAwait(false);
        await using (replacement.ConfigureAwait(false))
        {
            List<(string Owner, ReadOnlyMemory<byte> State)> group = [];
            await foreach ((Owner owner, LogPosition upTo) in ReadAsync(table, cancellationToken).ConfigureAwait(false))
            {
                group.Add((owner.ToString(), UserProfileCodec.Encode(UserProfile.Empty.Erased(UpTo(end, upTo)))));
                if (group.Count == PutMax)
                {
                    await replacement.PutAsync(group, cancellationToken).ConfigureAwait(false);
                    group.Clear();
                }
            }

            await replacement.PutAsync(group, cancellationToken).ConfigureAwait(false);
            await replacement.CommitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Reads the persons who are erased, each with the position up to which they are. Damaged states are left out.</summary>
    private static async IAsyncEnumerable<(Owner Owner, LogPosition UpTo)> ReadAsync(
        ISnapshotTable table, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (SavedState state in table.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            if (Owner.TryParse(state.Owner, out Owner owner) && ErasedUpTo(state) is { } upTo)
            {
                yield return (owner, upTo);
            }
        }
    }

    private static LogPosition UpTo(LogPosition end, LogPosition erased) =>
        erased.Epoch < end.Epoch
            ? erased
            : new LogPosition(end.Epoch, [.. Enumerable.Range(0, end.PartitionCount).Select(
                partition => erased.Epoch > end.Epoch ? end[partition] : Math.Min(end[partition], erased[partition]))]);

    private static LogPosition? ErasedUpTo(SavedState state)
    {
        try
        {
            return UserProfileCodec.Decode(state.State.Span).ErasedUpTo;
        }
        catch (CorruptRecordException)
        {
            return null;
        }
    }
}
