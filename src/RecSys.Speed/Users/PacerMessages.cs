using Akka.Actor;

namespace RecSys.Speed.Users;

/// <summary>What the pacer of a node is told; never leaves the node.</summary>
internal static class PacerMessages
{
    /// <summary>A user has something unsaved; said once until it is told to save.</summary>
    public sealed record Unsaved(IActorRef User) : INoSerializationVerificationNeeded;

    /// <summary>A user's save ended, well or not, or there was nothing to save.</summary>
    public sealed record Ended(IActorRef User) : INoSerializationVerificationNeeded;

    /// <summary>A user's actor of whom the pacer may still think something stopped.</summary>
    public sealed record Gone(IActorRef User) : INoSerializationVerificationNeeded;

    /// <summary>Save all who are unsaved, now; answered with <see cref="Drained"/>.</summary>
    public sealed record Drain : INoSerializationVerificationNeeded
    {
        public static readonly Drain Instance = new();
    }

    /// <summary>Nobody is unsaved.</summary>
    public sealed record Drained : INoSerializationVerificationNeeded
    {
        public static readonly Drained Instance = new();
    }

    /// <summary>Time has passed.</summary>
    public sealed record Tick : INoSerializationVerificationNeeded
    {
        public static readonly Tick Instance = new();
    }
}
