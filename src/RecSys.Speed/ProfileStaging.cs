using System.Runtime.InteropServices;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Users;

namespace RecSys.Speed;

/// <summary>Folds a partition of the log into the profiles of its users, with a limit on the bytes of profiles in memory; further ones are put into a separate table of the store.</summary>
/// <param name="log">Log to read.</param>
/// <param name="partition">Number of the partition, from 0.</param>
/// <param name="from">The first offset to read.</param>
/// <param name="begin">Returns the profile to which a user's records are added.</param>
/// <param name="spilled">Receives the profiles that do not fit into memory. It is not committed.</param>
/// <param name="heldBytesMax">The largest number of bytes of profiles in memory.</param>
internal sealed class ProfileStaging(
    IInteractionLog log,
    int partition,
    long from,
    Func<Owner, CancellationToken, ValueTask<UserProfile>> begin,
    ISnapshotReplacement spilled,
    long heldBytesMax = ProfileStaging.HeldBytesMax) : IDisposable
{
    /// <summary>The largest number of bytes of profiles that are held in memory.</summary>
    public const long HeldBytesMax = 256L << 20;

    private const int ChunkMax = 2_000;

    private const int PutMax = 500;

    private readonly ILogReader _reader = log.OpenReader(partition, from);
    private readonly Dictionary<Owner, UserProfile> _held = [];
    private readonly HashSet<Owner> _spilled = [];
    private long _heldBytes;

    /// <summary>Gets the offset that is read next: the profiles have all records before it.</summary>
    public long Next => _reader.Next;

    /// <summary>Returns the users with a record that was read.</summary>
    public Owner[] Owners() => [.. _held.Keys.Where(owner => !_spilled.Contains(owner)), .. _spilled];

    /// <summary>Reads up to an end of the partition.</summary>
    /// <param name="end">The end, which the log has.</param>
    /// <param name="report">Called after each chunk.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="StoreUnavailableException">The log cannot be read now, or ends before <paramref name="end"/>.</exception>
    public async Task ReadToAsync(long end, Action report, CancellationToken cancellationToken)
    {
        while (Next < end)
        {
            long next = Next;
            LogChunk chunk = await _reader.ReadAsync(ChunkMax, cancellationToken).ConfigureAwait(false);
            if (chunk.Next <= next)
            {
                throw new StoreUnavailableException($"partition {partition} of the log ends at offset {next}, before offset {end}, which it had");
            }

            foreach (LogEntry entry in chunk.Entries)
            {
                if (LogRecordCodec.TryGetOwner(entry.Bytes.Span, out Owner owner) && log.Shape.PartitionOf(owner) == partition)
                {
                    UserProfile before = await GetAsync(owner, cancellationToken).ConfigureAwait(false);
                    Hold(owner, before.Apply(log.Shape.Epoch, partition, [entry]));
                }
            }

            if (_heldBytes > heldBytesMax)
            {
                await SpillAsync(cancellationToken).ConfigureAwait(false);
            }

            report();
        }
    }

    /// <summary>Returns the profile of a user with all records that were read.</summary>
    public async ValueTask<UserProfile> GetAsync(Owner owner, CancellationToken cancellationToken) =>
        _held.TryGetValue(owner, out UserProfile? held) ? held
        : _spilled.Contains(owner) && await spilled.LoadAsync(owner.ToString(), cancellationToken).ConfigureAwait(false) is { } state ? UserProfileCodec.Decode(state.Span)
        : await begin(owner, cancellationToken).ConfigureAwait(false);

    public void Dispose() => _reader.Dispose();

    private async Task SpillAsync(CancellationToken cancellationToken)
    {
        foreach ((Owner Owner, UserProfile Profile)[] group in _held.Select(pair => (pair.Key, pair.Value)).Chunk(PutMax))
        {
            await spilled.PutAsync(
                [.. group.Select(user => (user.Owner.ToString(), new ReadOnlyMemory<byte>(UserProfileCodec.Encode(user.Profile))))],
                cancellationToken).ConfigureAwait(false);
        }

        _spilled.UnionWith(_held.Keys);
        _held.Clear();
        _heldBytes = 0;
    }

    private void Hold(Owner owner, UserProfile profile)
    {
        ref UserProfile? held = ref CollectionsMarshal.GetValueRefOrAddDefault(_held, owner, out _);
        _heldBytes += profile.SizeBytes - (held?.SizeBytes ?? 0);
        held = profile;
    }
}
