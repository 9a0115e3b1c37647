using Akka.Actor;

namespace RecSys.Speed.Users;

/// <summary>The actor of a user in memory, as an entry of <see cref="LiveUsers"/>: its reference, and when it was last used.</summary>
internal sealed class LiveUser(IActorRef actor, int shard)
{
    private int _usedAt;

    public IActorRef Actor { get; } = actor;

    /// <summary>Gets the user's shard.</summary>
    public byte Shard { get; } = (byte)shard;

    /// <summary>Gets or sets when the actor last received a message, in ticks of <see cref="LiveUsers.Now"/>. Written by the actor, read by the pacer.</summary>
    public int UsedAt
    {
        get => Volatile.Read(ref _usedAt);
        set => Volatile.Write(ref _usedAt, value);
    }

    /// <summary>Gets or sets the index in <see cref="LiveUsers"/>, guarded by its lock; −1 if none.</summary>
    public int Slot { get; set; } = -1;

    /// <summary>Gets or sets whether the actor was asked to retire; guarded by the same lock.</summary>
    public bool IsRetiring { get; set; }
}
