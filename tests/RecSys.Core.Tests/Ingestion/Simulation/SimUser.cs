using RecSys.Core.Ingestion;
using RecSys.Core.Users;

namespace RecSys.Core.Tests.Ingestion.Simulation;

/// <summary>A user's actor: the machine, and what an actor does for it.</summary>
internal sealed class SimUser(SimWorld world, SimNode node, Owner owner)
{
    private readonly Queue<Action<SimUser>> _stash = new();
    private readonly List<Saved> _saved = [];
    private readonly int _incarnation = world.Incarnations[owner] = world.Incarnations.GetValueOrDefault(owner) + 1;
    private UserMachine? _machine;
    private bool _stopWhenLoaded;

    public bool IsAlive { get; set; } = true;

    public UserMachine? Machine => _machine;

    public void Load() => world.Table.Load(node, owner.ToString(), (isLoaded, revision, bytes) =>
    {
        if (!IsAlive)
        {
            return;
        }

        if (!isLoaded)
        {
            End(); // its supervisor starts it again at the next message
            return;
        }

        _machine = new UserMachine(bytes is null ? UserProfile.Empty : UserProfileCodec.Decode(bytes), revision);
        while (IsAlive && _stash.TryDequeue(out Action<SimUser>? deliver))
        {
            deliver(this);
        }

        if (IsAlive && _stopWhenLoaded)
        {
            Do(_machine.Stop());
        }
    });

    public void Tell(Action<SimUser> deliver)
    {
        if (_machine is null)
        {
            _stash.Enqueue(deliver);
        }
        else
        {
            deliver(this);
        }
    }

    public void On(Take take, SimIngest from)
    {
        if (!IsAlive)
        {
            return;
        }

        long had = _machine!.Profile.OffsetOf(take.Epoch, take.Partition);
        UserEffects effects = _machine.On(take, out TakeAnswer? answer);
        if (answer is not null)
        {
            if (answer is Taken && answer.Has > had)
            {
                world.Log.RequireNoHole(take, had, from.StartPosition);
            }

            world.Count(answer is Taken ? "taken" : had < take.Base ? "stale" : "gap");
            world.Send(node, from.Node, () => from.OnAnswer(answer));
        }

        Do(effects);
    }

    public void Stop()
    {
        if (_machine is null)
        {
            _stopWhenLoaded = true;
        }
        else if (IsAlive)
        {
            Do(_machine.Stop());
        }
    }

    public void Crash()
    {
        world.Count("user crashed");
        End();
    }

    private void End()
    {
        IsAlive = false;
        node.Users.Remove(owner);
    }

    private void Do(UserEffects effects)
    {
        if (effects.HasFlag(UserEffects.TellUnsaved))
        {
            world.After(world.Between(1, SimWorld.SaveTimeMs), node, () =>
            {
                if (IsAlive)
                {
                    Do(_machine!.SaveNow());
                }
            });
        }

        if (effects.HasFlag(UserEffects.TellSaved))
        {
            _saved.Clear();
            _machine!.CollectSaved(owner, _saved);
            foreach (Saved saved in _saved)
            {
                if (world.Fault(world.Faults.HintLoss))
                {
                    world.Count("hint lost");
                }
                else if (world.Slots.TryGetValue((saved.Epoch, saved.Partition), out SimIngestSlot? slot))
                {
                    slot.OnSaved(node, saved);
                }
            }
        }

        if (effects.HasFlag(UserEffects.Save))
        {
            long revision = _machine!.SavingRevision;
            world.Table.Save(node, owner.ToString(), revision, UserProfileCodec.Encode(_machine.Saving!), outcome =>
            {
                if (outcome == SimOutcome.Conflict)
                {
                    world.Count(_incarnation < world.Incarnations[owner] ? "older incarnation saved late" : "conflict");
                }

                if (!IsAlive)
                {
                    world.Count("save heard by nobody");
                    return;
                }

                Do(outcome switch
                {
                    SimOutcome.Saved => _machine.OnSaved(revision),
                    SimOutcome.Conflict => _machine.OnConflict(revision),
                    _ => _machine.OnSaveFailed(revision),
                });
            });
        }

        if (effects.HasFlag(UserEffects.Stop))
        {
            End();
        }
    }
}
