using System.Collections.Immutable;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Users;

namespace RecSys.Speed.Users;

/// <summary>What is asked of a user's actor, from any node.</summary>
internal static class UserQueries
{
    /// <summary>Asks for the profile once it holds certain records.</summary>
    /// <param name="Owner">Whose.</param>
    /// <param name="Wanted">The records that it must hold; empty: as it is.</param>
    /// <param name="VerifyRevision">Whether it is first checked that nobody else saved more.</param>
    public sealed record GetProfile(Owner Owner, ImmutableArray<RecordPosition> Wanted, bool VerifyRevision) : IUserMessage;

    /// <summary>Asks to be told when a person's erasure is in the profile and saved.</summary>
    /// <param name="Owner">Whose.</param>
    /// <param name="UpTo">Up to where the person is erased.</param>
    public sealed record AwaitErased(Owner Owner, LogPosition UpTo) : IUserMessage;
}

/// <summary>What a user's actor answers.</summary>
internal static class UserReplies
{
    /// <summary>The profile, with all that was wanted.</summary>
    public sealed record Profile(UserProfile Value);

    /// <summary>What is wanted is not there yet, and too many wait for it already; or the state cannot be loaded now.</summary>
    public sealed record Unavailable(string Reason);

    /// <summary>The erasure is in the saved state.</summary>
    public sealed record Erased
    {
        public static readonly Erased Instance = new();
    }
}
