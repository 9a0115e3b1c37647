using RecSys.Core.Ingestion;
using RecSys.Core.Log;

namespace RecSys.Core.Tests.Ingestion.Simulation;

/// <summary>Keeps one ingest actor running for a partition, as a sharded daemon process does.</summary>
internal sealed class SimIngestSlot(SimWorld world, int epoch, int partition)
{
    private SimNode _home = world.HomeOf(epoch, partition);
    private bool _isOver;
    private int _chunkMax;

    public int Epoch { get; } = epoch;
    public int Partition { get; } = partition;
    public SimIngest? Current { get; private set; }

    public void Start()
    {
        if (_isOver)
        {
            return;
        }

        if (_home.IsGivenUp)
        {
            _home = world.HomeOf(Epoch, Partition);
        }

        Current = new SimIngest(world, _home, this);
        _home.Ingests.Add(Current);
        Current.Load();
    }

    /// <summary>Each incarnation cuts its chunks elsewhere.</summary>
    public int NextChunkMax()
    {
        int before = _chunkMax;
        _chunkMax = world.Between(1, world.Options.ChunkMax);
        if (before != 0 && before != _chunkMax)
        {
            world.Count("chunks cut elsewhere after a restart");
        }

        return _chunkMax;
    }

    /// <summary>Handles a crash or stop: another incarnation starts later.</summary>
    public void OnEnded(SimIngest ingest)
    {
        if (ingest == Current)
        {
            Current = null;
            world.After(world.Between(20, 300), null, () =>
            {
                if (Current is null)
                {
                    Start();
                }
            });
        }
    }

    /// <summary>Moves it with its partition's users: it stops, and another incarnation starts on the other node.</summary>
    public void MoveTo(SimNode target)
    {
        if (!_isOver)
        {
            _home = target;
            if (Current is { } current && !current.TryLeave())
            {
                current.End();
                OnEnded(current);
            }
        }
    }

    /// <summary>Handles the removal of its node from the cluster: another incarnation starts elsewhere, whether or not this one still runs.</summary>
    public void LeaveNode(SimNode node)
    {
        if (_isOver || (Current?.Node ?? _home) != node) // one that moves is still on the node that it leaves
        {
            return;
        }

        if (Current is { IsAlive: true })
        {
            world.Count("two incarnations of an ingest");
        }

        Current = null;
        Start();
    }

    public void End()
    {
        _isOver = true;
        Current?.End();
        Current = null;
    }

    public void OnSaved(SimNode from, Saved saved)
    {
        if (Current is { } current)
        {
            world.Send(from, current.Node, () => current.OnSaved(saved));
        }
    }
}

/// <summary>An ingest actor: the machine, and what an actor does for it.</summary>
internal sealed class SimIngest(SimWorld world, SimNode node, SimIngestSlot slot)
{
    private readonly int _chunkMax = slot.NextChunkMax();
    private long _mayRewind;
    private bool _isLeaving;

    public SimNode Node => node;
    public bool IsAlive { get; set; } = true;
    public long StartPosition { get; private set; }
    public IngestMachine? Machine { get; private set; }

    public void Load()
    {
        string key = IngestCheckpoint.KeyOf(slot.Epoch, slot.Partition);
        world.Table.Load(node, key, (isLoaded, revision, bytes) =>
        {
            if (!IsAlive)
            {
                return;
            }

            if (!isLoaded)
            {
                End();
                slot.OnEnded(this);
                return;
            }

            IngestCheckpoint? checkpoint = bytes is null ? null : IngestCheckpointCodec.Decode(bytes);
            StartPosition = checkpoint?.Position ?? 0;
            if (checkpoint is not null)
            {
                world.Count("ingest restarted from a checkpoint");
                if (checkpoint.Parked.Length > 0)
                {
                    world.Count("restarted with parked users");
                    _mayRewind += 2L * checkpoint.Parked.Length;
                }
            }

            Machine = new IngestMachine(slot.Epoch, slot.Partition, world.Options);
            Machine.Start(checkpoint, revision, new LogRange(0, world.Log.EndOf(slot.Epoch, slot.Partition)), world.Now);
            Do();
            Tick();
        });
    }

    public void OnAnswer(TakeAnswer answer)
    {
        if (IsAlive && Machine is not null)
        {
            // A rewind needs an actor that reported missing records.
            _mayRewind += answer is Gap ? 2 : Machine.ParkedCount > 0 ? 1 : 0;
            int parked = Machine.ParkedCount;
            Machine.OnAnswer(answer);
            CountUnparked(parked);
            Do();
        }
    }

    public void OnSaved(Saved saved)
    {
        if (IsAlive && Machine is not null)
        {
            int parked = Machine.ParkedCount;
            _mayRewind += parked > 0 ? 1 : 0;
            Machine.OnSaved(saved);
            CountUnparked(parked);
            Do();
        }
    }

    public void ProbeAgain(Owner owner)
    {
        if (IsAlive && Machine is not null)
        {
            world.Count("reminded by a reader");
            Machine.ProbeAgain(owner);
            Do();
        }
    }

    /// <summary>Gives its users some time to be saved, saves a last checkpoint, and ends.</summary>
    /// <returns>False if it does not run, or ends at once by chance.</returns>
    public bool TryLeave()
    {
        if (_isLeaving || Machine is null || world.Below(2) == 0)
        {
            return false;
        }

        world.Count("ingest left");
        _isLeaving = true;
        world.After(world.Between(0, 500), node, () => Finish(checkpoints: 3));
        world.After(2_000, null, Left);
        return true;

        void Finish(int checkpoints)
        {
            if (!IsAlive)
            {
                return;
            }

            if (checkpoints == 0)
            {
                Left();
                return;
            }

            int parked = Machine.ParkedCount;
            Machine.ParkUnsaved();
            if (Machine.ParkedCount > parked)
            {
                world.Count("parked to leave");
            }

            Machine.Tick(world.Now + ((4 - checkpoints) * (long)world.Options.CheckpointEvery.TotalMilliseconds));
            Do();
            world.After(200, node, () => Finish(checkpoints - 1));
        }

        void Left()
        {
            if (IsAlive)
            {
                End();
                slot.OnEnded(this);
            }
        }
    }

    public void Crash()
    {
        world.Count("ingest crashed");
        End();
        slot.OnEnded(this);
    }

    public void End()
    {
        IsAlive = false;
        node.Ingests.Remove(this);
    }

    private void CountUnparked(int before)
    {
        if (Machine!.ParkedCount < before)
        {
            world.Count("unparked");
        }
    }

    private void Tick()
    {
        if (!IsAlive || _isLeaving)
        {
            return;
        }

        int parked = Machine!.ParkedCount;
        Machine.Tick(world.Now);
        if (Machine.ParkedCount > parked)
        {
            world.Count("parked");
        }

        Do();
        world.After(SimWorld.TickMs, node, Tick);
    }

    private void Do()
    {
        IngestMachine machine = Machine!;
        world.Require(machine.InFlight >= 0 && machine.InFlight <= world.Options.InFlightMax, "messages in flight stay within their bound", machine.InFlight);
        world.Require(machine.UnsavedCount >= 0 && machine.UnsavedCount <= world.Options.UnsavedMax, "unsaved users stay within their bound", machine.UnsavedCount);
        world.Require(machine.EntryCount <= world.Options.EntriesMax, "remembered users stay within their bound", machine.EntryCount);
        world.Require(machine.RewindCount <= _mayRewind, "nothing is read again unless someone said that something is missing", machine.RewindCount);

        if (machine.ForgottenEarlyCount > 0)
        {
            world.Count("forgotten early");
        }

        IngestEffects effects = machine.Effects;
        if (effects.Stop is { } stop)
        {
            effects.Clear();
            world.Require(stop.Reason == IngestStopReason.AnotherRuns, "nothing falls behind the retention");
            world.Count("ingest stopped by another's checkpoint");
            End();
            slot.OnEnded(this);
            return;
        }

        foreach (Take take in _isLeaving ? [] : effects.Takes)
        {
            world.Count(take.IsProbe ? "probe" : "take");
            world.Require(IngestionCodec.SizeOf(take) <= world.Options.TakeBytesMax || take.Records.Length == 1, "a Take keeps its limit");
            node.SendTo(take.Owner, user => user.On(take, this));
        }

        foreach (IngestRead read in _isLeaving ? [] : effects.Reads)
        {
            if (read.Reading != IngestReading.New)
            {
                world.Count("read again");
            }

            Read(read);
        }

        if (effects.Save is { } save)
        {
            world.Table.Save(node, IngestCheckpoint.KeyOf(slot.Epoch, slot.Partition), save.Revision, save.State, outcome =>
            {
                if (!IsAlive)
                {
                    return;
                }

                switch (outcome)
                {
                    case SimOutcome.Saved:
                        Machine!.OnCheckpointSaved(save.Revision);
                        break;
                    case SimOutcome.Conflict:
                        Machine!.OnCheckpointConflict(save.Revision);
                        break;
                    default:
                        Machine!.OnCheckpointFailed(save.Revision);
                        break;
                }

                Do();
            });
        }

        effects.Clear();
    }

    private void Read(IngestRead read)
    {
        if (read.From >= world.Log.EndOf(slot.Epoch, slot.Partition))
        {
            world.Log.WaitFor(slot.Epoch, slot.Partition, () => world.After(1, node, () => Read(read)));
            return;
        }

        world.After(world.Between(1, 10), node, () =>
        {
            if (!IsAlive)
            {
                return;
            }

            if (world.Fault(world.Faults.ReadFails))
            {
                world.Count("read failed");
                Machine!.OnReadFailed(read);
            }
            else
            {
                Machine!.OnRead(read, world.Log.Read(slot.Epoch, slot.Partition, read.From, int.Min(read.CountMax, _chunkMax)));
            }

            Do();
        });
    }
}
