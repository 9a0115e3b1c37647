using System.Collections.Immutable;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Users;

namespace RecSys.Speed.Users;

/// <summary>Queries of a user's actor from any node.</summary>
internal static class UserQueries
{
    /// <summary>Requests the profile once it contains certain records.</summary>
    /// <param name="Owner">Owner of the profile.</param>
    /// <param name="Wanted">Records that the profile must contain; empty for the current profile.</param>
    /// <param name="VerifyRevision">Whether the actor first checks that no other incarnation saved more.</param>
    public sealed record GetProfile(Owner Owner, ImmutableArray<RecordPosition> Wanted, bool VerifyRevision) : IUserMessage;

    /// <summary>Requests a reply when the erasure of a person is in the saved profile.</summary>
    /// <param name="Owner">Owner of the profile.</param>
    /// <param name="UpTo">Position up to which the person is erased.</param>
    public sealed record AwaitErased(Owner Owner, LogPosition UpTo) : IUserMessage;

    /// <summary>Requests a reply when a record of the user, which undoes a merge, is in the saved profile.</summary>
    /// <param name="Owner">Owner of the profile.</param>
    /// <param name="Record">Position of the record.</param>
    public sealed record AwaitSaved(Owner Owner, RecordPosition Record) : IUserMessage;
}

/// <summary>Answers of a user's actor.</summary>
internal static class UserReplies
{
    /// <summary>The profile, with all wanted records.</summary>
    public sealed record Profile(UserProfile Value);

    /// <summary>Too many reads wait for records that the profile does not contain yet, or the state cannot be loaded now.</summary>
    public sealed record Unavailable(string Reason);

    /// <summary>The awaited erasure, or the awaited record, is in the saved state.</summary>
    public sealed record Erased
    {
        public static readonly Erased Instance = new();
    }
}
