using RecSys.Core;
using RecSys.Core.Ingestion;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Users;

namespace RecSys.Speed;

/// <summary>Folds the log into all users' profiles and puts them into a replacement of the saved states, with a limit on the bytes of profiles in memory.</summary>
internal sealed class ProfileStaging(IInteractionLog log, ISnapshotReplacement states, long heldBytesMax = ProfileStaging.HeldBytesMax)
{
    /// <summary>The most bytes of profiles that are held in memory.</summary>
    public const long HeldBytesMax = 256L << 20;

    private const int ChunkMax = 2_000;

    private const int PutMax = 500;

    private readonly Dictionary<Owner, UserProfile> _held = [];
    private readonly long[] _next = new long[log.Shape.PartitionCount];
    private long _heldBytes;
    private bool _hasPut;

    /// <summary>Returns the number of records that are not read yet, up to the given ends.</summary>
    public long Behind(LogRange[] ranges) => ranges.Select((range, partition) => Math.Max(0, range.End - _next[partition])).Sum();

    /// <summary>Reads up to the ends of all partitions.</summary>
    /// <param name="ranges">The ends of the partitions.</param>
    /// <param name="report">Receives the share that is read, 0 to 1.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task ReadToAsync(LogRange[] ranges, Action<double> report, CancellationToken cancellationToken)
    {
        long total = Math.Max(1, Behind(ranges));
        for (int partition = 0; partition < ranges.Length; partition++)
        {
            using ILogReader reader = log.OpenReader(partition, _next[partition]);
            while (_next[partition] < ranges[partition].End)
            {
                LogChunk chunk = await reader.ReadAsync(ChunkMax, cancellationToken).ConfigureAwait(false);
                if (chunk.Next <= _next[partition])
                {
                    break; // the log ends before the given end
                }

                foreach (LogEntry entry in chunk.Entries)
                {
                    if (LogRecordCodec.TryGetOwner(entry.Bytes.Span, out Owner owner))
                    {
                        UserProfile before = await HeldAsync(owner, cancellationToken).ConfigureAwait(false);
                        SetProfile(owner, before.Apply(log.Shape.Epoch, partition, [entry]), before.SizeBytes);
                    }
                }

                _next[partition] = chunk.Next;
                if (_heldBytes > heldBytesMax)
                {
                    await PutAsync(cancellationToken).ConfigureAwait(false);
                }

                report(1 - ((double)Behind(ranges) / total));
            }
        }
    }

    /// <summary>Erases a person up to a position, if the log no longer contains the record of the erasure.</summary>
    public async Task KeepErasedAsync(Owner owner, LogPosition upTo, CancellationToken cancellationToken)
    {
        UserProfile before = await HeldAsync(owner, cancellationToken).ConfigureAwait(false);
        if (before.ErasedUpTo?.Covers(upTo) != true)
        {
            SetProfile(owner, before.Erased(upTo), before.SizeBytes);
        }
    }

    /// <summary>Puts the remaining profiles and the checkpoints of all partitions: the replacement is then complete.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        await PutAsync(cancellationToken).ConfigureAwait(false);
        List<(string Owner, ReadOnlyMemory<byte> State)> checkpoints = [];
        for (int partition = 0; partition < _next.Length; partition++)
        {
            checkpoints.Add((
                IngestCheckpoint.KeyOf(log.Shape.Epoch, partition),
                IngestCheckpointCodec.Encode(new IngestCheckpoint(log.Shape.Epoch, partition, _next[partition], []))));
        }

        await states.PutAsync(checkpoints, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Puts the profiles in memory into the replacement.</summary>
    public async Task PutAsync(CancellationToken cancellationToken)
    {
        foreach ((Owner Owner, UserProfile Profile)[] group in _held.Select(pair => (pair.Key, pair.Value)).Chunk(PutMax))
        {
            await states.PutAsync(
                [.. group.Select(user => (user.Owner.ToString(), new ReadOnlyMemory<byte>(UserProfileCodec.Encode(user.Profile))))],
                cancellationToken).ConfigureAwait(false);
        }

        _hasPut |= _held.Count > 0;
        _held.Clear();
        _heldBytes = 0;
    }

    private async ValueTask<UserProfile> HeldAsync(Owner owner, CancellationToken cancellationToken)
    {
        if (_held.TryGetValue(owner, out UserProfile? held))
        {
            return held;
        }

        UserProfile profile = _hasPut && await states.LoadAsync(owner.ToString(), cancellationToken).ConfigureAwait(false) is { } state
            ? UserProfileCodec.Decode(state.Span)
            : UserProfile.Empty;
        _heldBytes += profile.SizeBytes;
        return profile;
    }

    private void SetProfile(Owner owner, UserProfile profile, long sizeBytesBefore)
    {
        _held[owner] = profile;
        _heldBytes += profile.SizeBytes - sizeBytesBefore;
    }
}
