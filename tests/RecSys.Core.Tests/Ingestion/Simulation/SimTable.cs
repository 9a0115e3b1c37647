using RecSys.Core.Ingestion;
using RecSys.Core.Users;

namespace RecSys.Core.Tests.Ingestion.Simulation;

internal enum SimOutcome
{
    Saved,
    Conflict,
    Failed,
}

/// <summary>The snapshot table, with all faults of a store; each save that takes effect is checked.</summary>
internal sealed class SimTable(SimWorld world)
{
    private readonly Dictionary<string, Row> _rows = [];

    /// <summary>Users whose rows cannot be written.</summary>
    public HashSet<Owner> Bad { get; } = [];

    public UserProfile ProfileOf(Owner owner) =>
        _rows.TryGetValue(owner.ToString(), out Row? row) ? row.Profile! : UserProfile.Empty;

    public long RevisionOf(Owner owner) => _rows.GetValueOrDefault(owner.ToString())?.Revision ?? 0;

    public IngestCheckpoint? CheckpointOf(int epoch, int partition) =>
        _rows.GetValueOrDefault(IngestCheckpoint.KeyOf(epoch, partition))?.Checkpoint;

    public void Load(SimNode node, string key, Action<bool, long, byte[]?> loaded)
    {
        SimNode.Life life = node.Alive;
        bool fails = world.Fault(world.Faults.LoadFails);
        if (fails)
        {
            world.Count("load failed");
        }

        world.After(world.Between(1, 15), node, () =>
        {
            if (node.Alive != life)
            {
                return;
            }

            Row? row = _rows.GetValueOrDefault(key);
            long revision = row?.Revision ?? 0;
            byte[]? bytes = row?.Bytes;
            world.After(world.Between(0, 10), node, () =>
            {
                if (node.Alive == life)
                {
                    loaded(!fails, revision, bytes);
                }
            });
        });
    }

    public void Save(SimNode node, string key, long revision, byte[] bytes, Action<SimOutcome> reply)
    {
        if (Owner.TryParse(key, out Owner owner) && Bad.Contains(owner))
        {
            world.Count("save of a user who can never be saved");
            Reply(node, world.Between(1, 30), SimOutcome.Failed, reply);
        }
        else if (world.Fault(world.Faults.SaveFails))
        {
            world.Count("save failed");
            Reply(node, world.Between(1, 30), SimOutcome.Failed, reply);
        }
        else if (world.Fault(world.Faults.SaveHangs))
        {
            world.Count("save hung");
            Reply(node, 300, SimOutcome.Failed, reply);
            if (world.Chance(0.7))
            {
                world.After(world.Between(300, 6_000), null, () =>
                {
                    SimOutcome outcome = Put(key, revision, bytes);
                    world.Count(outcome == SimOutcome.Saved ? "hung save took effect" : "hung save came too late");
                });
            }
        }
        else
        {
            bool isUnheard = world.Fault(world.Faults.SaveUnheard);
            world.After(world.Between(1, 20), null, () =>
            {
                SimOutcome outcome = Put(key, revision, bytes);
                if (isUnheard)
                {
                    world.Count("save succeeded unheard");
                    outcome = SimOutcome.Failed;
                }

                Reply(node, world.Between(0, 20), outcome, reply);
            });
        }
    }

    private void Reply(SimNode node, int delayMs, SimOutcome outcome, Action<SimOutcome> reply)
    {
        SimNode.Life life = node.Alive;
        world.After(delayMs, node, () =>
        {
            if (node.Alive == life)
            {
                reply(outcome);
            }
        });
    }

    private SimOutcome Put(string key, long revision, byte[] bytes)
    {
        Row? before = _rows.GetValueOrDefault(key);
        long stored = before?.Revision ?? 0;
        if (before is not null && stored == revision && before.Bytes.AsSpan().SequenceEqual(bytes))
        {
            world.Count("save repeated");
            return SimOutcome.Saved;
        }

        if (stored != revision - 1)
        {
            return SimOutcome.Conflict;
        }

        Row row = new(revision, bytes);
        if (Owner.TryParse(key, out Owner owner))
        {
            row.Profile = UserProfileCodec.Decode(bytes);
            Check(owner, before?.Profile ?? UserProfile.Empty, row.Profile);
        }
        else
        {
            row.Checkpoint = IngestCheckpointCodec.Decode(bytes);
            Check(before?.Checkpoint, row.Checkpoint);
        }

        _rows[key] = row;
        return SimOutcome.Saved;
    }

    private void Check(Owner owner, UserProfile before, UserProfile after)
    {
        world.Count("user saved");
        world.Require(after.Position.Covers(before.Position), "a saved state never loses records", owner);
        world.Require(
            before.ErasedUpTo is null || after.ErasedUpTo?.Covers(before.ErasedUpTo) == true, "a tombstone stays", owner);
        world.Require(world.IsFold(owner, after), "a saved state is the fold of the log up to its positions", owner);
    }

    private void Check(IngestCheckpoint? before, IngestCheckpoint after)
    {
        world.Count("checkpoint saved");
        world.Require(after.Position >= (before?.Position ?? 0), "a checkpoint never moves back", after);
        foreach (Owner owner in world.Log.Owners)
        {
            long saved = ProfileOf(owner).OffsetOf(after.Epoch, after.Partition);
            ParkedUser? parked = null;
            foreach (ParkedUser user in after.Parked)
            {
                parked = user.Owner == owner ? user : parked;
            }

            long below = parked is { } aside ? long.Min(aside.First, after.Position) : after.Position;
            world.Require(
                world.Log.NewestBelow(owner, after.Epoch, after.Partition, below) <= saved,
                "no record below a checkpoint is missing from its user's saved state",
                after);
            world.Require(
                parked is not { } listed
                    || world.Log.NewestBelow(owner, after.Epoch, after.Partition, after.Position) <= long.Max(listed.Last, saved),
                "the list of parked users holds their newest record",
                after);
        }
    }

    private sealed class Row(long revision, byte[] bytes)
    {
        public long Revision { get; } = revision;
        public byte[] Bytes { get; } = bytes;
        public UserProfile? Profile { get; set; }
        public IngestCheckpoint? Checkpoint { get; set; }
    }
}
