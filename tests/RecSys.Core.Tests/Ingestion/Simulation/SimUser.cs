using RecSys.Core.Ingestion;
using RecSys.Core.Users;

namespace RecSys.Core.Tests.Ingestion.Simulation;

/// <summary>A user's actor: the machine, and what an actor does for it.</summary>
internal sealed class SimUser(SimWorld world, SimNode node, Owner owner)
{
    private readonly List<Action<SimUser>> _stash = [];
    private readonly List<Saved> _saved = [];
    private readonly int _incarnation = world.Incarnations[owner] = world.Incarnations.GetValueOrDefault(owner) + 1;
    private UserMachine? _machine;
    private bool _stopWhenLoaded;
    private bool _isFirst;
    private bool _isChecking;

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

        if (bytes is not null && world.Fault(world.Faults.StateDamaged))
        {
            Heal(revision);
            return;
        }

        _machine = new UserMachine(bytes is null ? UserProfile.Empty : UserProfileCodec.Decode(bytes), revision);
        Begin();
    });

    /// <summary>Handles a damaged saved state: the profile is rebuilt from the log.</summary>
    private void Heal(long revision)
    {
        world.Count("damaged state made anew");
        UserProfile profile = world.Log.Fold(owner, world.Log.EndOf(world.Slots.Keys.Max(slot => slot.Epoch))); // the epoch that is ingested
        world.After(world.Between(1, 200), node, () =>
        {
            if (IsAlive)
            {
                _machine = UserMachine.Healed(profile, revision, out UserEffects effects);
                Do(effects);
                Begin();
            }
        });
    }

    private void Begin()
    {
        Unstash(); // the message that started the actor was sent before the load; for later ones that is not certain
        if (IsAlive && _stopWhenLoaded)
        {
            Do(_machine!.Stop());
        }
    }

    public void Tell(Action<SimUser> deliver)
    {
        if (_machine is null || _isChecking)
        {
            _stash.Add(deliver);
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
        UserEffects effects = _machine.On(take, _isFirst, out TakeAnswer? answer);
        if (answer is not null)
        {
            if (answer is Taken && answer.Has > had)
            {
                world.Log.RequireNoHole(take, had);
            }

            world.Count(answer is Taken ? "taken" : had < take.Base ? "stale" : "gap");
            world.Send(node, from.Node, () => from.OnAnswer(answer));
        }

        if (effects.HasFlag(UserEffects.Check))
        {
            Check(user => user.On(take, from));
        }

        Do(effects);
    }

    public void Read(Action<SimUser> answer, bool verifyRevision)
    {
        if (IsAlive && verifyRevision && !_isFirst)
        {
            Check(user => user.Read(answer, verifyRevision));
        }
        else if (IsAlive)
        {
            answer(this);
        }
    }

    /// <summary>Checks whether another incarnation saved more; messages wait until then.</summary>
    private void Check(Action<SimUser> deliver)
    {
        world.Count("checked before taking in");
        _isChecking = true;
        _stash.Insert(0, deliver);
        world.Table.Load(node, owner.ToString(), (isLoaded, revision, _) =>
        {
            _isChecking = false;
            if (!IsAlive)
            {
                return;
            }

            if (!isLoaded)
            {
                _stash.Clear(); // sent again when no answer comes
                return;
            }

            Do(_machine!.OnChecked(revision));
            if (!IsAlive)
            {
                world.Count("found that another saved");
            }

            Unstash();
        });
    }

    private void Unstash()
    {
        // A handled message may need another check: the messages behind it wait on.
        _isFirst = true;
        while (_stash.Count > 0 && !_isChecking)
        {
            Action<SimUser> deliver = _stash[0];
            _stash.RemoveAt(0);
            deliver(this);
            _isFirst = false;
        }

        _isFirst = false;
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
                    world.Count("save outcome lost");
                    return;
                }

                if (outcome == SimOutcome.Conflict)
                {
                    foreach (SimIngest ingest in world.Slots.Values.Select(slot => slot.Current).OfType<SimIngest>())
                    {
                        world.Send(node, ingest.Node, () => ingest.ProbeAgain(owner));
                    }
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
