using RecSys.Client;

namespace RecSys.Cli.Import;

/// <summary>Looks for users whom a file of users and a file of interactions write in different ways, such as <c>007</c> and <c>7</c>: their profiles and histories are then those of different users.</summary>
internal static class UserIdCheck
{
    /// <summary>The largest number of users of a file who are looked up.</summary>
    private const int UsersMax = 10;

    /// <summary>The largest number of users whose other spellings are looked up.</summary>
    private const int RespelledMax = 3;

    /// <summary>Looks up users of a file, and those without a profile, or after an import of users without a history, in other spellings.</summary>
    /// <returns>The problem and what to do, in one line; null if there is none, or the key may not read users.</returns>
    /// <exception cref="RecSysException">The server cannot be reached or fails.</exception>
    public static async Task<string?> AskAsync(IRecSysClient client, ImportKind kind, IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        if (kind == ImportKind.Items)
        {
            return null;
        }

        try
        {
            int respelled = 0;
            foreach (string id in ids.Take(UsersMax))
            {
                if (respelled < RespelledMax && !HasOther(await client.GetUserAsync(id, cancellationToken)))
                {
                    respelled++;
                    UserResponse?[] others = await Task.WhenAll(CatalogueCheck.SpellingsOf(id).Select(other => client.GetUserAsync(other, cancellationToken)));
                    if (Array.Find(others, HasOther) is { } found)
                    {
                        return $"userId: '{id}' has no {(kind == ImportKind.Users ? "interactions" : "profile")}, but '{found.UserId}' has: both files must write ids alike, so correct one of them and import it again";
                    }
                }
            }

            return null;
        }
        catch (RecSysException error) when (error.IsKeyRefused())
        {
            return null;
        }

        bool HasOther(UserResponse? user) => user is not null && (kind == ImportKind.Users ? user.InteractionsHeld > 0 : user.Labels?.Count > 0);
    }
}
