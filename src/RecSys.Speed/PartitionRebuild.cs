using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Users;
using RecSys.Speed.Users;

namespace RecSys.Speed;

/// <summary>Rebuilds the saved states of the users of one partition from the log, while ingestion continues.</summary>
/// <remarks>
/// A state is replaced by compare-and-set, by one with all records of its user up to an end that the log had after the old state was read: so it has at least the records of
/// the old one, and a user's actor that saves meanwhile either wins, and its state is replaced again, or finds the conflict and loads the new state.
/// </remarks>
internal sealed class PartitionRebuild(IInteractionLog log, ISnapshotTable table, int partition, TimeProvider time)
{
    private const int GroupMax = 500;

    /// <summary>The largest number of concurrent loads of states.</summary>
    private const int LoadsMax = 32;

    /// <summary>The share of the progress for the reading.</summary>
    private const double ReadShare = 0.7;

    /// <summary>The largest number of times that a state is replaced again because its user's actor saved meanwhile.</summary>
    private const int RoundsMax = 100;

    private static readonly TimeSpan OverloadPause = TimeSpan.FromMilliseconds(100);

    private readonly SavedStates _states = new(log, table);

    /// <summary>Rebuilds the states.</summary>
    /// <param name="range">The offsets of the partition.</param>
    /// <param name="unusable">The users whose saved states cannot be used.</param>
    /// <param name="report">Receives the number of records that were read, and the share of the rebuild that is done, 0 to 1.</param>
    /// <param name="cancellationToken">Ends the rebuild: each user has the old state or the new one.</param>
    /// <returns>Whether the partition's ingest actor must start again, because its checkpoint was replaced.</returns>
    /// <exception cref="StoreUnavailableException">The log or the states cannot be reached now.</exception>
    public async Task<bool> RunAsync(LogRange range, IReadOnlyCollection<Owner> unusable, Action<long, double> report, CancellationToken cancellationToken)
    {
        ISnapshotReplacement spilled = await table.BeginReplacementAsync(cancellationToken).ConfigureAwait(false);
        await using (spilled.ConfigureAwait(false))
        {
            using ProfileStaging staging = new(log, partition, range.Start, (owner, cancel) => BeginAsync(owner, range.Start, cancel), spilled);
            double length = Math.Max(1, range.End - range.Start);
            await staging.ReadToAsync(range.End, () => report(staging.Next - range.Start, ReadShare * (staging.Next - range.Start) / length), cancellationToken).ConfigureAwait(false);
            Dictionary<Owner, UserProfile> erased = await HealErasedAsync(staging, unusable, cancellationToken).ConfigureAwait(false);
            Owner[] owners = [.. staging.Owners().Union(unusable).Order()];
            int done = 0;
            foreach (Owner[] group in owners.Chunk(GroupMax))
            {
                await ReplaceAsync(staging, group, erased, cancellationToken).ConfigureAwait(false);
                done += group.Length;
                report(staging.Next - range.Start, ReadShare + ((1 - ReadShare) * done / owners.Length));
            }
        }

        return await _states.MendCheckpointAsync(partition, range.End, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns the profile to which the log's records are added: where the log no longer has all records, the saved one.</summary>
    private async ValueTask<UserProfile> BeginAsync(Owner owner, long start, CancellationToken cancellationToken)
    {
        if (start == 0 && log.Shape.Epoch == 0)
        {
            return UserProfile.Empty;
        }

        SavedState? saved = await table.LoadAsync(owner.ToString(), cancellationToken).ConfigureAwait(false);
        return await _states.TryReadAsync(saved, cancellationToken).ConfigureAwait(false) ?? UserProfile.Empty;
    }

    /// <summary>Folds all partitions for erased persons whose saved states cannot be used: each partition has a record of the erasure.</summary>
    private async Task<Dictionary<Owner, UserProfile>> HealErasedAsync(ProfileStaging staging, IReadOnlyCollection<Owner> unusable, CancellationToken cancellationToken)
    {
        List<Owner> erased = [];
        foreach (Owner owner in unusable)
        {
            if ((await staging.GetAsync(owner, cancellationToken).ConfigureAwait(false)).ErasedUpTo is not null)
            {
                erased.Add(owner);
            }
        }

        ProfileHealer healer = new(log);
        UserProfile[] healed = await Task.WhenAll(erased.Select(healer.HealAsync)).WaitAsync(cancellationToken).ConfigureAwait(false);
        return erased.Zip(healed).ToDictionary(pair => pair.First, pair => pair.Second);
    }

    private async Task ReplaceAsync(ProfileStaging staging, Owner[] group, Dictionary<Owner, UserProfile> erased, CancellationToken cancellationToken)
    {
        Owner[] left = group;
        for (int round = 0; left.Length > 0; round++)
        {
            if (round == RoundsMax)
            {
                throw new StoreUnavailableException($"{left.Length} states of partition {partition} are saved faster than they can be replaced; run the rebuild again");
            }

            // In this order: the records of a state that was loaded are before the ends that are read then.
            SavedState?[] rows = await LoadAsync(left, cancellationToken).ConfigureAwait(false);
            LogRange[] ranges = await log.GetRangesAsync(cancellationToken).ConfigureAwait(false);
            await staging.ReadToAsync(ranges[partition].End, () => { }, cancellationToken).ConfigureAwait(false);
            List<(Owner Owner, SavedState State)> saves = [];
            for (int index = 0; index < left.Length; index++)
            {
                Owner owner = left[index];
                UserProfile profile = await staging.GetAsync(owner, cancellationToken).ConfigureAwait(false);
                UserProfile? before = _states.TryRead(rows[index], ranges) ?? erased.GetValueOrDefault(owner);
                byte[] bytes = UserProfileCodec.Encode(before is null ? profile : Completed(profile, before));
                if (rows[index]?.State.Span.SequenceEqual(bytes) != true)
                {
                    saves.Add((owner, new SavedState(owner.ToString(), (rows[index]?.Revision ?? 0) + 1, bytes)));
                }
            }

            SaveOutcome[] outcomes = await SaveAsync([.. saves.Select(save => save.State)], cancellationToken).ConfigureAwait(false);
            left = [.. saves.Where((_, index) => outcomes[index] == SaveOutcome.Conflict).Select(save => save.Owner)];
        }
    }

    /// <summary>Returns a new profile with what only the old one has: erasures and their positions in other partitions, and the offsets of records that the log has lost.</summary>
    private static UserProfile Completed(UserProfile profile, UserProfile before)
    {
        UserProfile erased = before.ErasedUpTo is { } upTo && profile.ErasedUpTo?.Covers(upTo) != true ? profile.Erased(upTo) : profile;
        return erased.Reached(before.Position);
    }

    private async Task<SavedState?[]> LoadAsync(Owner[] owners, CancellationToken cancellationToken)
    {
        List<SavedState?> rows = new(owners.Length);
        foreach (Owner[] some in owners.Chunk(LoadsMax))
        {
            rows.AddRange(await Task.WhenAll(some.Select(owner => table.LoadAsync(owner.ToString(), cancellationToken).AsTask())).ConfigureAwait(false));
        }

        return [.. rows];
    }

    private async Task<SaveOutcome[]> SaveAsync(SavedState[] group, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await table.SaveAsync(group, cancellationToken).ConfigureAwait(false);
            }
            catch (OverloadedException)
            {
                await Task.Delay(OverloadPause, time, cancellationToken).ConfigureAwait(false); // users' actors save first
            }
        }
    }
}
