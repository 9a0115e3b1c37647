using Akka.Actor;

namespace RecSys.Speed.Users;

/// <summary>Messages to the pacer of a node; they never leave the node.</summary>
internal static class PacerMessages
{
    /// <summary>A user has an unsaved record; sent once until the user is asked to save.</summary>
    public sealed record Unsaved(IActorRef User) : INoSerializationVerificationNeeded;

    /// <summary>A user's save ended, successfully or not, or there was no unsaved record.</summary>
    public sealed record Ended(IActorRef User) : INoSerializationVerificationNeeded;

    /// <summary>The actor of a user stopped; the pacer may still list it.</summary>
    public sealed record Stopped(IActorRef User) : INoSerializationVerificationNeeded;

    /// <summary>Saves all unsaved users now; answered with <see cref="Drained"/>.</summary>
    public sealed record Drain : INoSerializationVerificationNeeded
    {
        public static readonly Drain Instance = new();
    }

    /// <summary>No user is unsaved.</summary>
    public sealed record Drained : INoSerializationVerificationNeeded
    {
        public static readonly Drained Instance = new();
    }

    /// <summary>The timer's tick.</summary>
    public sealed record Tick : INoSerializationVerificationNeeded
    {
        public static readonly Tick Instance = new();
    }
}
