using RecSys.Core.Log;

namespace RecSys.Core.Users;

/// <summary>A user who turned out to be this one; reads fold in their history too.</summary>
/// <param name="User">Who.</param>
/// <param name="Owner">The owner of their profile.</param>
public sealed record UserAlias(UserId User, Owner Owner)
{
    /// <summary>Where the log says so.</summary>
    internal RecordPosition Position { get; init; }
}
