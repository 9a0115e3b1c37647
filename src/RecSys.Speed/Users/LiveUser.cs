using Akka.Actor;

namespace RecSys.Speed.Users;

/// <summary>A living user's actor, as <see cref="LiveUsers"/> sees it: its reference, and when it was last used.</summary>
internal sealed class LiveUser(IActorRef actor)
{
    private int _usedAt;

    public IActorRef Actor { get; } = actor;

    /// <summary>When it was last asked or told something, in the node's ticks. Written by its actor, read by the pacer.</summary>
    public int UsedAt
    {
        get => Volatile.Read(ref _usedAt);
        set => Volatile.Write(ref _usedAt, value);
    }

    /// <summary>Its place in <see cref="LiveUsers"/>, whose lock guards it; −1: none.</summary>
    public int Slot { get; set; } = -1;

    /// <summary>Whether it was told to retire; guarded by the same lock.</summary>
    public bool IsRetiring { get; set; }
}
