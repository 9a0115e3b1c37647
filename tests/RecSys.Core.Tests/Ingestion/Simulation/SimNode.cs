namespace RecSys.Core.Tests.Ingestion.Simulation;

/// <summary>A node: its user actors, its region's view of where others are, and its faults.</summary>
internal sealed class SimNode(SimWorld world, int number)
{
    /// <summary>The time from a start to a stop: events of one life have no effect in the next.</summary>
    public sealed class Life;

    private readonly Dictionary<Owner, SimNode> _routes = [];

    public int Number { get; } = number;
    public Life Alive { get; private set; } = new();
    public bool IsUp { get; private set; } = true;
    public bool IsCut { get; private set; }
    public bool IsLeaky { get; private set; }
    public long FrozenUntil { get; private set; } = -1;

    /// <summary>Whether the others have removed it from the cluster: its users may have actors elsewhere too.</summary>
    public bool IsGivenUp { get; private set; }

    public Dictionary<Owner, SimUser> Users { get; } = [];
    public List<SimIngest> Ingests { get; } = [];

    public bool IsTroubled => IsCut || IsGivenUp || !IsUp || FrozenUntil > world.Now;

    /// <summary>Sends a message to a user's actor, on the node where this node expects it.</summary>
    public void SendTo(Owner owner, Action<SimUser> deliver)
    {
        if (!_routes.TryGetValue(owner, out SimNode? target))
        {
            // A removed node gets no updates: in its view, its actors are the only ones.
            target = IsGivenUp || IsCut ? this : world.HomeOf(owner);
            _routes[owner] = target;
        }

        // While a user has two actors, a region with an outdated view may choose either.
        if (world.Fault(world.Faults.Misroute))
        {
            SimNode[] holders = [.. world.Nodes.Where(node => node.Users.ContainsKey(owner))];
            if (holders.Length > 1)
            {
                world.Count("sent to either incarnation");
                target = holders[world.Below(holders.Length)];
            }
        }

        world.Send(this, target, () =>
        {
            if (target.Users.TryGetValue(owner, out SimUser? user))
            {
                user.Tell(deliver);
            }
            else if (target.IsGivenUp || (world.HomeOf(owner) == target && !world.Moving.Contains(owner)))
            {
                target.Wake(owner).Tell(deliver);
            }
            else
            {
                world.Count("message lost in a hand-off");
                _routes.Remove(owner);
            }
        });
    }

    public SimUser Wake(Owner owner)
    {
        if (world.Nodes.Any(other => other != this && other.Users.ContainsKey(owner)))
        {
            world.Count("two incarnations of a user");
        }

        SimUser user = new(world, this, owner);
        Users.Add(owner, user);
        user.Load();
        return user;
    }

    /// <summary>Handles the move of a user's actor; this node gets the update some time later.</summary>
    public void Forget(Owner owner) => world.After(world.Below(2_000), this, () => _routes.Remove(owner));

    public void Cut()
    {
        world.Count("node cut off");
        IsCut = true;
        IsLeaky = world.Chance(0.5);
        GiveUpUnlessBack(() => IsCut);
        Life life = Alive;
        world.After(world.Between(200, 4_000), null, () =>
        {
            if (Alive == life)
            {
                IsCut = false; // perhaps too late
            }
        });
    }

    public void Freeze()
    {
        world.Count("node frozen");
        FrozenUntil = world.Now + world.Between(200, 3_000);
        GiveUpUnlessBack(() => FrozenUntil > world.Now);
    }

    public void Crash()
    {
        world.Count("node crashed");
        Die();
        GiveUp();
        world.After(world.Between(300, 2_000), null, Restart);
    }

    /// <summary>Ends its faults.</summary>
    public void Heal()
    {
        IsCut = false;
        FrozenUntil = -1;
    }

    private void GiveUpUnlessBack(Func<bool> isAway)
    {
        Life life = Alive;
        world.After(world.Between(300, 1_500), null, () =>
        {
            if (Alive != life || !isAway())
            {
                return;
            }

            GiveUp();
            world.After(world.Between(1_000, SimWorld.ZombieMaxMs), null, () =>
            {
                if (Alive == life)
                {
                    Die();
                    Restart();
                }
            });
        });
    }

    private void GiveUp()
    {
        IsGivenUp = true;
        foreach (Owner owner in world.Log.Owners)
        {
            if (world.UserHomes[owner] == this)
            {
                foreach (SimNode other in world.Nodes)
                {
                    other.Forget(owner);
                }
            }
        }

        foreach (SimIngestSlot slot in world.Slots.Values)
        {
            slot.LeaveNode(this);
        }
    }

    private void Die()
    {
        IsUp = false;
        Alive = new Life();
        IsCut = false;
        FrozenUntil = -1;
        foreach (SimUser user in Users.Values)
        {
            user.IsAlive = false;
        }

        foreach (SimIngest ingest in Ingests)
        {
            ingest.IsAlive = false;
        }

        Users.Clear();
        Ingests.Clear();
        _routes.Clear();
    }

    private void Restart()
    {
        IsUp = true;
        IsGivenUp = false;
    }
}
