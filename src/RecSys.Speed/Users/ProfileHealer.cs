using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Users;

namespace RecSys.Speed.Users;

/// <summary>Rebuilds profiles from the log for users whose saved states are damaged; users that wait at the same time share one reading. Safe for concurrent use.</summary>
/// <param name="log">Log from which profiles are rebuilt.</param>
/// <param name="onCut">Called for a user whose partition no longer begins at offset 0, with its first offset; or null.</param>
internal sealed class ProfileHealer(IInteractionLog log, Action<Owner, long>? onCut = null)
{
    private const int ChunkMax = 4_096;

    private readonly Lock _lock = new();
    private Dictionary<Owner, TaskCompletionSource<UserProfile>> _waiting = [];
    private bool _isRunning;

    /// <summary>Folds a user's records, from the first one that the log has to an end that the log has after this call.</summary>
    /// <returns>The profile; it lacks the records that retention removed.</returns>
    /// <exception cref="StoreUnavailableException">The log cannot be read now.</exception>
    /// <exception cref="NewerRecordException">The log contains a record that only a newer program can read.</exception>
    public Task<UserProfile> HealAsync(Owner owner)
    {
        lock (_lock)
        {
            if (!_waiting.TryGetValue(owner, out TaskCompletionSource<UserProfile>? waiting))
            {
                _waiting[owner] = waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            if (!_isRunning)
            {
                _isRunning = true;
                _ = Task.Run(RunAsync);
            }

            return waiting.Task;
        }
    }

    private async Task RunAsync()
    {
        while (TryTake(out Dictionary<Owner, TaskCompletionSource<UserProfile>> group))
        {
            try
            {
                Dictionary<Owner, UserProfile> profiles = group.Keys.ToDictionary(owner => owner, _ => UserProfile.Empty);
                await FoldAsync(profiles).ConfigureAwait(false);
                foreach ((Owner owner, TaskCompletionSource<UserProfile> waiting) in group)
                {
                    waiting.SetResult(profiles[owner]);
                }
            }
            catch (Exception cause) when (cause is StoreUnavailableException or NewerRecordException or InvalidDataException or ObjectDisposedException)
            {
                foreach (TaskCompletionSource<UserProfile> waiting in group.Values)
                {
                    waiting.SetException(cause);
                }
            }
        }
    }

    private async Task FoldAsync(Dictionary<Owner, UserProfile> profiles)
    {
        LogRange[] ranges = await log.GetRangesAsync(CancellationToken.None).ConfigureAwait(false);
        foreach (Owner owner in profiles.Keys.Where(owner => ranges[log.Shape.PartitionOf(owner)].Start > 0))
        {
            onCut?.Invoke(owner, ranges[log.Shape.PartitionOf(owner)].Start);
        }

        for (int partition = 0; partition < ranges.Length; partition++)
        {
            using ILogReader reader = log.OpenReader(partition, ranges[partition].Start);
            while (reader.Next < ranges[partition].End)
            {
                LogChunk chunk = await reader.ReadAsync(ChunkMax, CancellationToken.None).ConfigureAwait(false);
                for (int i = 0; i < chunk.Entries.Length; i++)
                {
                    if (LogRecordCodec.TryGetOwner(chunk.Entries[i].Bytes.Span, out Owner owner) && profiles.TryGetValue(owner, out UserProfile? profile))
                    {
                        profiles[owner] = profile.Apply(log.Shape.Epoch, partition, chunk.Entries.AsSpan(i, 1));
                    }
                }
            }
        }
    }

    private bool TryTake(out Dictionary<Owner, TaskCompletionSource<UserProfile>> group)
    {
        lock (_lock)
        {
            group = _waiting;
            _waiting = [];
            _isRunning = group.Count > 0;
            return _isRunning;
        }
    }
}
