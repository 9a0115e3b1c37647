using Akka.Actor;
using RecSys.Core.Users;

namespace RecSys.Speed.Users;

/// <summary>Commands of the node to its user actors; they never leave the node.</summary>
internal static class UserCommands
{
    /// <summary>Saves the unsaved records now.</summary>
    public sealed class Save : INoSerializationVerificationNeeded
    {
        public static readonly Save Instance = new();
    }

    /// <summary>Asks the shard to passivate the actor, because it is idle or above the maximum.</summary>
    public sealed class Retire : INoSerializationVerificationNeeded
    {
        public static readonly Retire Instance = new();
    }

    /// <summary>Stops without saving, because all states are rebuilt from the log.</summary>
    public sealed class Discard : INoSerializationVerificationNeeded
    {
        public static readonly Discard Instance = new();
    }

    /// <summary>The profile was rebuilt from the log because the saved state is damaged.</summary>
    public sealed record Healed(UserProfile Profile, long Revision) : INoSerializationVerificationNeeded;

    /// <summary>The profile could not be rebuilt.</summary>
    public sealed record NotHealed(Exception Cause) : INoSerializationVerificationNeeded;
}
