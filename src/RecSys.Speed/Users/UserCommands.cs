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

    /// <summary>Asks the shard to passivate the actor, because it is idle or too many users are in memory.</summary>
    public sealed class Retire : INoSerializationVerificationNeeded
    {
        public static readonly Retire Instance = new();
    }

    /// <summary>Checks that no other writer, such as a rebuild, saved a newer state, before further messages are handled.</summary>
    public sealed class Check : INoSerializationVerificationNeeded
    {
        public static readonly Check Instance = new();
    }

    /// <summary>Stands first among the messages that wait for a check, so that the others count as sent after it began.</summary>
    public sealed class CheckBegan : INoSerializationVerificationNeeded
    {
        public static readonly CheckBegan Instance = new();
    }

    /// <summary>Stops without saving, because the saved state is newer.</summary>
    public sealed class Discard : INoSerializationVerificationNeeded
    {
        public static readonly Discard Instance = new();
    }

    /// <summary>The profile was rebuilt from the log because the saved state is damaged.</summary>
    public sealed record Healed(UserProfile Profile, long Revision) : INoSerializationVerificationNeeded;

    /// <summary>The profile could not be rebuilt.</summary>
    public sealed record NotHealed(Exception Cause) : INoSerializationVerificationNeeded;
}
