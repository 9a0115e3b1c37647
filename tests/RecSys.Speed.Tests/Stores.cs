using RecSys.Core;
using RecSys.Core.Ingestion;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Users;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Speed.Tests;

/// <summary>The stores of a node, which remain when it ends.</summary>
internal sealed record Stores
{
    private static readonly LogRecordCodec Codec = new(SpeedNode.Hash);

    public InMemoryInteractionLog Log { get; init; } = new(Codec);

    public InMemorySnapshotTable Table { get; init; } = new();

    public InMemoryFoldStore Folds { get; init; } = new();

    public InMemoryControlStore Control { get; init; } = new();

    /// <summary>Stores over a log of several partitions.</summary>
    public static Stores OfPartitions(int count) => new() { Log = new InMemoryInteractionLog(Codec, count) };

    /// <summary>The same log and states as another node sees them, with folds and faults of its own.</summary>
    public Stores OfAnotherNode() => new() { Log = Log.Reopen(), Table = Table.Reopen(), Control = Control.Reopen() };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Returns the state in a user's row.</summary>
    public async Task<UserProfile?> SavedAsync(string user) =>
        await Table.LoadAsync(OwnerOf(user), Cancel) is { } state ? UserProfileCodec.Decode(state.State.Span) : null;

    /// <summary>The saved checkpoint of a partition.</summary>
    public async Task<IngestCheckpoint?> CheckpointAsync(int partition = 0) =>
        await Table.LoadAsync(IngestCheckpoint.KeyOf(Log.Shape.Epoch, partition), Cancel) is { } state
            ? IngestCheckpointCodec.Decode(state.State.Span)
            : null;

    /// <summary>Folds the whole log into profiles, which live ones must equal.</summary>
    public async Task<ProfileFold> FoldAsync()
    {
        ProfileFold fold = new();
        for (int partition = 0; partition < Log.Shape.PartitionCount; partition++)
        {
            LogChunk chunk = await Log.ReadAsync(partition, 0, int.MaxValue, Cancel);
            fold.Apply(Log.Shape.Epoch, partition, chunk.Entries);
        }

        return fold;
    }

    public static string OwnerOf(string user) => SpeedNode.Hash.Of(new UserId(user)).ToString();
}
