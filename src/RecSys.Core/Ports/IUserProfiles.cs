using System.Collections.Immutable;
using RecSys.Core.Log;
using RecSys.Core.Users;

namespace RecSys.Core.Ports;

/// <summary>The speed view: the current profiles of users.</summary>
public interface IUserProfiles
{
    /// <summary>Reads a user's profile, with the histories of users merged into them.</summary>
    /// <param name="user">Id of the user.</param>
    /// <param name="after">A position that must be reflected, or null; waits for it until the token is cancelled, unless the log is known to end before it.</param>
    /// <param name="cancellationToken">The request's deadline.</param>
    /// <returns>An empty profile for a user without records.</returns>
    /// <exception cref="StoreUnavailableException">The user's actor did not answer in time.</exception>
    ValueTask<ProfileReading> GetAsync(UserId user, LogPosition? after, CancellationToken cancellationToken);

    /// <summary>
    /// Gets the lag of the speed layer behind the log, in milliseconds: the age of the oldest record not yet read and applied by its actor; 0 if there is none.
    /// Null while it is not known: until each partition is ingested on this node, or another node has reported its lag. The age of a report is added to it.
    /// </summary>
    double? LagMs { get; }
}

/// <summary>A profile and its freshness.</summary>
/// <param name="Profile">Profile of the user, combined with those of users merged into it.</param>
/// <param name="IsReflected">Whether the profile reflects the requested position; true without one.</param>
public readonly record struct ProfileReading(UserProfile Profile, bool IsReflected)
{
    /// <summary>Gets the user's own profile, without those of users merged into them.</summary>
    public UserProfile Own { get => field ?? Profile; init; }

    /// <summary>Gets the owners of all users whose histories <see cref="Profile"/> contains besides the user's own, directly merged ones first; at most <see cref="Limits.AliasesMax"/>.</summary>
    public ImmutableArray<Owner> MergedOwners { get => field.IsDefault ? [] : field; init; }

    /// <summary>Gets whether more users are merged into the user than <see cref="MergedOwners"/> contains, directly or through others: their histories are missing in <see cref="Profile"/>.</summary>
    public bool HasMoreMerged { get; init; }
}
