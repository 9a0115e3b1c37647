using Akka.Actor;
using RecSys.Core.Users;

namespace RecSys.Speed.Users;

/// <summary>What the node tells its users' actors; never leaves the node.</summary>
internal static class UserCommands
{
    /// <summary>It is time to save what is unsaved.</summary>
    public sealed class Save : INoSerializationVerificationNeeded
    {
        public static readonly Save Instance = new();
    }

    /// <summary>Ask the shard to be passivated: idle, or one too many.</summary>
    public sealed class Retire : INoSerializationVerificationNeeded
    {
        public static readonly Retire Instance = new();
    }

    /// <summary>Save what is unsaved, then stop. The hand-off message too; a PoisonPill would lose what is unsaved.</summary>
    public sealed class Stop : INoSerializationVerificationNeeded
    {
        public static readonly Stop Instance = new();
    }

    /// <summary>Stop and save nothing: all is made anew from the log.</summary>
    public sealed class Discard : INoSerializationVerificationNeeded
    {
        public static readonly Discard Instance = new();
    }

    /// <summary>The profile was made anew from the log, since the saved state is damaged.</summary>
    public sealed record Healed(UserProfile Profile, long Revision) : INoSerializationVerificationNeeded;

    /// <summary>It could not be made anew.</summary>
    public sealed record NotHealed(Exception Cause) : INoSerializationVerificationNeeded;
}
