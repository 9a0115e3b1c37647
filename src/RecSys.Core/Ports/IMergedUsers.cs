using System.Collections.Immutable;
using RecSys.Core.Log;

namespace RecSys.Core.Ports;

/// <summary>All users merged into a user, including those beyond the number that reads follow: operations on a person, such as an erasure, apply to all of them.</summary>
public interface IMergedUsers
{
    /// <summary>Follows merges through merged users to their ends.</summary>
    /// <param name="user">Id of the user.</param>
    /// <param name="after">A position that must be reflected; waits for it until the token is cancelled.</param>
    /// <param name="cancellationToken">The request's deadline.</param>
    /// <returns>
    /// The owners, each once and without the user's own, directly merged ones first, at most <see cref="Limits.MergedMax"/> + 1; and whether
    /// <paramref name="after"/> is reflected.
    /// </returns>
    /// <exception cref="StoreUnavailableException">A user's actor did not answer in time.</exception>
    ValueTask<(ImmutableArray<Owner> Owners, bool IsReflected)> FindAsync(UserId user, LogPosition after, CancellationToken cancellationToken);
}
