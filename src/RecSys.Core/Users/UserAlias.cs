using RecSys.Core.Log;

namespace RecSys.Core.Users;

/// <summary>A user that was merged into this one; reads include the alias's history.</summary>
/// <param name="Owner">The owner of the alias's profile. The id is not stored, so that no state contains the id of another person.</param>
public sealed record UserAlias(Owner Owner)
{
    /// <summary>Gets the position of the record of the merge.</summary>
    internal RecordPosition Position { get; init; }
}
