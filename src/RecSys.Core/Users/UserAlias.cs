using RecSys.Core.Log;

namespace RecSys.Core.Users;

/// <summary>A user that was merged into this one; reads include its history.</summary>
/// <param name="Owner">The owner of their profile. Their id is not kept, so that no state names another person.</param>
public sealed record UserAlias(Owner Owner)
{
    /// <summary>Gets the position of the record of the merge.</summary>
    internal RecordPosition Position { get; init; }
}
