using System.Globalization;
using RecSys.Core;
using RecSys.Core.Ingestion;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Users;

namespace RecSys.Speed;

/// <summary>The saved states and checkpoints beside the log from which they were made.</summary>
internal sealed class SavedStates(IInteractionLog log, ISnapshotTable table)
{
    private LogRange[] _known = [];

    /// <summary>Reads a saved profile.</summary>
    /// <param name="state">The saved state.</param>
    /// <param name="ranges">The offsets that the log contains.</param>
    /// <returns>The profile; null if there is no state, or if it is damaged, was written by a newer program, or has records that the log never had.</returns>
    public UserProfile? TryRead(SavedState? state, LogRange[] ranges)
    {
        if (state is not { } saved)
        {
            return null;
        }

        try
        {
            UserProfile profile = UserProfileCodec.Decode(saved.State.Span);
            return profile.Position.IsBeyond(log.Shape, ranges) ? null : profile;
        }
        catch (Exception e) when (e is CorruptRecordException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>Reads a saved profile. Asks for the offsets of the log only if the profile cannot be used with the known ones.</summary>
    /// <exception cref="StoreUnavailableException">The log cannot be read now.</exception>
    public async ValueTask<UserProfile?> TryReadAsync(SavedState? state, CancellationToken cancellationToken)
    {
        UserProfile? profile = TryRead(state, _known);
        if (profile is null && state is not null)
        {
            _known = await log.GetRangesAsync(cancellationToken).ConfigureAwait(false);
            profile = TryRead(state, _known);
        }

        return profile;
    }

    /// <summary>Returns the users whose saved states cannot be used, by partition.</summary>
    /// <exception cref="StoreUnavailableException">The states cannot be read now.</exception>
    public async Task<ILookup<int, Owner>> FindUnusableAsync(CancellationToken cancellationToken)
    {
        List<Owner> unusable = [];
        await foreach (SavedState state in table.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            // The other rows are checkpoints.
            if (Owner.TryParse(state.Owner, out Owner owner) && await TryReadAsync(state, cancellationToken).ConfigureAwait(false) is null)
            {
                unusable.Add(owner);
            }
        }

        return unusable.ToLookup(owner => log.Shape.PartitionOf(owner));
    }

    /// <summary>Returns the offset of a partition up to which all records are in the saved states; 0 if that is not known.</summary>
    /// <exception cref="StoreUnavailableException">The checkpoint cannot be read now.</exception>
    public async ValueTask<long> SavedUpToAsync(int partition, CancellationToken cancellationToken) =>
        TryReadCheckpoint(await LoadCheckpointAsync(partition, cancellationToken).ConfigureAwait(false), partition) is { } checkpoint ? FirstUnsaved(checkpoint) : 0;

    /// <summary>Replaces the checkpoint of a partition if ingestion cannot start from it: it is damaged, after the end of the log, or before its start.</summary>
    /// <param name="partition">Number of the partition, from 0.</param>
    /// <param name="savedUpTo">An offset up to which all records are in the saved states.</param>
    /// <param name="cancellationToken">Cancels the replacement.</param>
    /// <returns>Whether it was replaced: the partition's ingest actor must then start again.</returns>
    public async Task<bool> MendCheckpointAsync(int partition, long savedUpTo, CancellationToken cancellationToken)
    {
        while (true)
        {
            SavedState? saved = await LoadCheckpointAsync(partition, cancellationToken).ConfigureAwait(false);
            LogRange range = (await log.GetRangesAsync(cancellationToken).ConfigureAwait(false))[partition];
            if (saved is null || (TryReadCheckpoint(saved, partition) is { } checkpoint && checkpoint.Position <= range.End && FirstUnsaved(checkpoint) >= range.Start))
            {
                return false;
            }

            byte[] bytes = IngestCheckpointCodec.Encode(new IngestCheckpoint(log.Shape.Epoch, partition, savedUpTo, []));
            SaveOutcome[] outcomes = await table
                .SaveAsync([new SavedState(saved.Value.Owner, saved.Value.Revision + 1, bytes)], cancellationToken).ConfigureAwait(false);
            if (outcomes[0] == SaveOutcome.Saved)
            {
                return true;
            }
        }
    }

    /// <summary>Requires that the states contain all records that retention removed from the log.</summary>
    /// <param name="ranges">The offsets that the log contains.</param>
    /// <param name="unusable">The users whose saved states cannot be used, by partition.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="InvalidOperationException">Records are neither in the log nor in the states.</exception>
    public async Task RequireRemovedRecordsAsync(LogRange[] ranges, ILookup<int, Owner> unusable, CancellationToken cancellationToken)
    {
        long records = 0;
        long users = 0;
        string? first = null;
        for (int partition = 0; partition < ranges.Length; partition++)
        {
            long start = ranges[partition].Start;
            long lost = start == 0 ? 0 : start - Math.Min(start, await SavedUpToAsync(partition, cancellationToken).ConfigureAwait(false));
            int unread = start == 0 ? 0 : unusable[partition].Count();
            if (lost > 0 || unread > 0)
            {
                first ??= $"partition {partition}, which begins at offset {start}";
                records += lost;
                users += unread;
            }
        }

        if (first is not null)
        {
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture,
                $"the log no longer has its first records, first in {first}: {records:N0} removed records are not known to be in the states, and the states of {users:N0} users cannot be used. "
                + $"New states would lack these records, so no state was replaced: restore the states from a backup, or run the rebuild with --accept-loss"));
        }
    }

    private static long FirstUnsaved(IngestCheckpoint checkpoint) => checkpoint.Parked.Select(user => user.First).Append(checkpoint.Position).Min();

    private ValueTask<SavedState?> LoadCheckpointAsync(int partition, CancellationToken cancellationToken) =>
        table.LoadAsync(IngestCheckpoint.KeyOf(log.Shape.Epoch, partition), cancellationToken);

    private IngestCheckpoint? TryReadCheckpoint(SavedState? saved, int partition)
    {
        try
        {
            return saved is { } state && IngestCheckpointCodec.Decode(state.State.Span) is var checkpoint && checkpoint.Epoch == log.Shape.Epoch && checkpoint.Partition == partition
                ? checkpoint
                : null;
        }
        catch (Exception e) when (e is CorruptRecordException or NotSupportedException)
        {
            return null;
        }
    }
}
