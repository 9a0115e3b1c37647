using RecSys.Core.Log;
using RecSys.Core.Users;

namespace RecSys.Core.Tests.Ingestion.Simulation;

/// <summary>A run of a seed: faults for a number of steps, then none until the system is at rest, then the final invariants.</summary>
public sealed class SimRun
{
    private const int RestMaxMs = 300_000;

    // The time after which late messages, hung saves and begun hand-offs have ended.
    private const int CalmMs = 7_000;
    private const int QuietMs = 4_000;

    private readonly SimWorld _world;
    private readonly long _faultSteps;
    private readonly List<(Owner Owner, RecordPosition Position)> _acknowledged = [];
    private int _ingestedEpoch;

    private SimRun(ulong seed, long faultSteps, IDictionary<string, long> counters)
    {
        _world = new SimWorld(seed, counters);
        _faultSteps = faultSteps;
    }

    /// <summary>Runs one seed.</summary>
    /// <param name="seed">Any number.</param>
    /// <param name="faultSteps">Number of steps with faults.</param>
    /// <param name="counters">Counts what happened, by name.</param>
    /// <param name="steps">How many steps there were in all.</param>
    /// <returns>The violated invariant, or null.</returns>
    public static string? Run(ulong seed, long faultSteps, IDictionary<string, long> counters, out long steps)
    {
        SimRun run = new(seed, faultSteps, counters);
        string? violation = null;
        try
        {
            run.Go();
        }
        catch (SimViolationException broken)
        {
            violation = $"seed {seed}, {broken.Message}";
        }

        steps = run._world.Steps;
        return violation;
    }

    private void Go()
    {
        _world.StartEpoch(0);
        _world.After(1, null, Act);
        _world.After(100, null, Supervise);
        while (_world.Steps < _faultSteps)
        {
            _world.Step();
        }

        _world.Faults.IsOn = false;
        foreach (SimNode node in _world.Nodes)
        {
            node.Heal();
        }

        long restMaxMs = _world.Now + RestMaxMs;
        Wait(CalmMs);
        while (!IsAtRest())
        {
            _world.Require(_world.Now < restMaxMs, "it comes to rest in bounded time", Describe());
            Wait(SimWorld.TickMs);
        }

        CheckProfiles();
        if (!_world.Log.HasRemoved)
        {
            _world.Count("trends compared with their fold"); // an erasure removes what was counted before
            _world.Require(_world.Fold.IsWhole(), "at rest the trends are the fold of the log");
        }

        long rewinds = CountRewinds();
        Wait(QuietMs);

        _world.Require(IsAtRest(), "what rests keeps resting", Describe());
        _world.Require(CountRewinds() == rewinds, "at rest nothing is read again");
    }

    private void Wait(long forMs)
    {
        for (long untilMs = _world.Now + forMs; _world.Now < untilMs;)
        {
            _world.Step();
        }
    }

    /// <summary>Draws the next action of a client or operator, or the next fault.</summary>
    private void Act()
    {
        if (!_world.Faults.IsOn)
        {
            return;
        }

        SimFaults faults = _world.Faults;
        (double Weight, Action Do)[] all =
        [
            (60, Append),
            (6, ReadOwnWrite),
            (1, _world.Log.AppendItem),
            (faults.Idle, StopIdle),
            (faults.CrashUser, () => AnyUser()?.Crash()),
            (faults.HandOff, () => HandOff(_world.Log.Owners[_world.Below(_world.Log.Owners.Length)], _world.AnyUsable)),
            (faults.MovePartition, MovePartition),
            (faults.CrashIngest, () => AnyIngest()?.Crash()),
            (faults.CrashNode, () => AnySoundNode()?.Crash()),
            (faults.Cut, () => AnySoundNode()?.Cut()),
            (faults.Freeze, () => AnySoundNode()?.Freeze()),
            (faults.Erase, _world.Log.Erase),
            (faults.Merge, _world.Log.Merge),
            (faults.NewEpoch, ChangePartitions),
        ];
        double pick = _world.NextDouble() * all.Sum(one => one.Weight);
        foreach ((double weight, Action act) in all)
        {
            pick -= weight;
            if (pick < 0)
            {
                act();
                break;
            }
        }

        // Pauses let everything be saved, so that later records find saved users.
        _world.After(_world.Chance(0.02) ? _world.Between(500, 2_500) : _world.Between(1, 30), null, Act);
    }

    private void Append()
    {
        for (int count = _world.Chance(0.1) ? _world.Between(5, 25) : _world.Between(1, 3); count > 0; count--)
        {
            _acknowledged.Add(_world.Log.AppendSomething());
        }
    }

    private void StopIdle()
    {
        _world.Count("idle user stopped");
        AnyUser()?.Stop();
    }

    private SimUser? AnyUser()
    {
        SimUser[] users = [.. _world.Nodes.SelectMany(node => node.Users.Values)];
        return users.Length == 0 ? null : users[_world.Below(users.Length)];
    }

    private SimIngest? AnyIngest()
    {
        SimIngest[] ingests = [.. _world.Nodes.SelectMany(node => node.Ingests)];
        return ingests.Length == 0 ? null : ingests[_world.Below(ingests.Length)];
    }

    /// <summary>Returns a node for a fault: two of three nodes stay without one.</summary>
    private SimNode? AnySoundNode() =>
        _world.Nodes.Any(node => node.IsTroubled) ? null : _world.Nodes[_world.Below(_world.Nodes.Length)];

    /// <summary>The users of a partition and its ingest actor move to one node.</summary>
    private void MovePartition()
    {
        SimIngestSlot[] slots = [.. Current()];
        SimIngestSlot slot = slots[_world.Below(slots.Length)];
        SimNode target = _world.AnyUsable();
        _world.Count("partition moved");
        slot.MoveTo(target);
        foreach (Owner owner in _world.Log.Owners)
        {
            if (_world.Log.PartitionOf(owner, slot.Epoch) == slot.Partition)
            {
                HandOff(owner, () => target.IsGivenUp ? _world.AnyUsable() : target);
            }
        }
    }

    /// <summary>A user's actor moves: it is asked to stop, ended if that takes too long, and no other starts in between.</summary>
    private void HandOff(Owner owner, Func<SimNode> target)
    {
        SimNode from = _world.HomeOf(owner);
        if (!_world.Moving.Add(owner))
        {
            return;
        }

        _world.Count("hand-off");
        SimUser? user = from.Users.GetValueOrDefault(owner);
        user?.Stop();
        long latestMs = _world.Now + _world.Between(100, 800);
        AwaitStop();

        void AwaitStop()
        {
            if (user is { IsAlive: true } && _world.Now >= latestMs)
            {
                user.Crash();
            }

            if (user is { IsAlive: true })
            {
                _world.After(20, null, AwaitStop);
                return;
            }

            _world.Moving.Remove(owner);
            if (_world.UserHomes[owner] == from)
            {
                _world.UserHomes[owner] = target();
                foreach (SimNode node in _world.Nodes)
                {
                    node.Forget(owner);
                }
            }
        }
    }

    private void ChangePartitions()
    {
        if (_ingestedEpoch == _world.Log.Epochs.Count - 1)
        {
            _world.Count("epoch changed");
            _world.Table.Bad.Clear(); // an operator repairs the store, so that no user stays parked
            _world.Log.BeginEpoch(_world.AnyPartitionCount());
        }
    }

    /// <summary>Moves to the next epoch once all earlier records are saved.</summary>
    private void Supervise()
    {
        foreach (SimNode node in _world.Nodes)
        {
            if (node.IsTroubled)
            {
                _world.ApartMs = _world.Now;
            }
        }

        if (_ingestedEpoch < _world.Log.Epochs.Count - 1 && Current().All(slot =>
            slot.Current?.Machine?.IsDrained(_world.Log.EndOf(slot.Epoch, slot.Partition)) == true))
        {
            _world.Count("epoch drained");
            foreach (SimIngestSlot slot in Current().ToArray())
            {
                slot.End();
            }

            _ingestedEpoch++;
            _world.StartEpoch(_ingestedEpoch);
        }

        _world.After(100, null, Supervise);
    }

    /// <summary>Reads a profile after a position that was acknowledged.</summary>
    private void ReadOwnWrite()
    {
        if (_acknowledged.Count == 0)
        {
            return;
        }

        (Owner owner, RecordPosition position) = _acknowledged[^_world.Between(1, int.Min(20, _acknowledged.Count))];
        long beganMs = _world.Now;
        long sent = -1;
        bool isSent = false;
        bool isKnown = false;
        bool isAnswered = false;
        Ask();

        void Ask()
        {
            if (isAnswered)
            {
                return;
            }

            if (_world.Now > beganMs + 3_000)
            {
                _world.Count("read of own write given up");
                return;
            }

            if (!isSent
                && _world.Slots.GetValueOrDefault((position.Epoch, position.Partition))?.Current is { IsAlive: true, Machine: { } machine })
            {
                isSent = machine.TryGetSent(owner, position.Offset, out sent, out isKnown);
            }

            if (isSent)
            {
                _world.HomeOf(owner).SendTo(owner, user => user.Read(Answer, verifyRevision: !isKnown));
            }

            _world.After(25, null, Ask);
        }

        void Answer(SimUser user)
        {
            UserProfile profile = user.Machine!.Profile;
            if (isAnswered)
            {
                return;
            }

            if (profile.OffsetOf(position.Epoch, position.Partition) < sent)
            {
                if (_world.Slots.GetValueOrDefault((position.Epoch, position.Partition))?.Current is { } ingest)
                {
                    _world.Send(_world.HomeOf(owner), ingest.Node, () => ingest.ProbeAgain(owner));
                }

                return;
            }

            bool wasApart = _world.ApartMs >= beganMs - 200 || _world.Nodes.Any(node => node.IsTroubled);
            _world.Count(wasApart ? "read of own write while a node was apart" : "read of own write");
            _world.Require(
                wasApart || (profile.OffsetOf(position.Epoch, position.Partition) >= position.Offset || _world.Log.IsRemoved(owner, position))
                && _world.IsFold(owner, profile),
                "no read of an own write is answered too early",
                position);
            isAnswered = true;
        }
    }

    private IEnumerable<SimIngestSlot> Current() => _world.Slots.Values.Where(slot => slot.Epoch == _ingestedEpoch);

    private long CountRewinds() => Current().Sum(slot => slot.Current?.Machine?.RewindCount ?? 0);

    private bool IsAtRest()
    {
        if (_ingestedEpoch != _world.Log.Epochs.Count - 1 || _world.Nodes.Any(node => node.IsTroubled) || !_world.Fold.IsAtEnd)
        {
            return false;
        }

        foreach (SimIngestSlot slot in Current())
        {
            if (slot.Current?.Machine is not { InFlight: 0 } machine
                || machine.Next < _world.Log.EndOf(slot.Epoch, slot.Partition)
                || machine.UnsavedCount > _world.Table.Bad.Count
                || (machine.UnsavedCount == 0 && machine.CheckpointPosition < machine.Next))
            {
                return false;
            }
        }

        // Users whose saves succeed are saved; the actors of the others have all records in memory.
        return _world.Log.Owners.All(owner => IsWhole(
            owner,
            !_world.Table.Bad.Contains(owner) ? _world.Table.ProfileOf(owner)
                : _world.HomeOf(owner).Users.GetValueOrDefault(owner)?.Machine?.Profile ?? UserProfile.Empty));
    }

    private bool IsWhole(Owner owner, UserProfile profile) =>
        UserProfileCodec.Encode(profile).AsSpan().SequenceEqual(UserProfileCodec.Encode(_world.Log.Fold(owner, _world.Log.End)));

    private void CheckProfiles()
    {
        foreach (Owner owner in _world.Log.Owners)
        {
            SimUser? live = _world.HomeOf(owner).Users.GetValueOrDefault(owner);
            if (!_world.Table.Bad.Contains(owner))
            {
                UserProfile saved = _world.Table.ProfileOf(owner);
                _world.Require(IsWhole(owner, saved), "at rest every saved state is the fold of the log", owner);
                _world.Require(
                    _world.Log.HistoryOf(owner).SetEquals(Positions(saved)), "at rest every history is what its definition says", owner);
                _world.Require(
                    live?.Machine is not { } machine || IsWhole(owner, machine.Profile) || machine.Revision < _world.Table.RevisionOf(owner),
                    "at rest every live profile is the fold of the log",
                    owner);
            }
        }
    }

    private static IEnumerable<RecordPosition> Positions(UserProfile profile)
    {
        foreach (ProfileInteraction interaction in profile.History)
        {
            yield return interaction.Position;
        }
    }

    private string Describe() => string.Join("; ", Current().Select(slot =>
        slot.Current?.Machine is { } machine
            ? $"partition {slot.Partition}: next {machine.Next} of {_world.Log.EndOf(slot.Epoch, slot.Partition)}, checkpoint {machine.CheckpointPosition}, "
                + $"{machine.UnsavedCount} unsaved, {machine.InFlight} in flight, {machine.ParkedCount} parked, {machine.EntryCount} remembered, {machine.RewindCount} rewinds"
            : $"partition {slot.Partition}: not running")) + $"; epoch {_ingestedEpoch} of {_world.Log.Epochs.Count}, {_world.Table.Bad.Count} bad";
}
