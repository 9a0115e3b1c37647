using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace RecSys.Server.Edge;

/// <summary>The keys, as hashes, with the roles of each.</summary>
/// <remarks>A key is compared with all configured ones, each in constant time, so that the duration reveals nothing about them.</remarks>
internal sealed class ApiKeys
{
    private readonly (byte[] Hash, Role Roles)[] _keys;

    /// <summary>Creates the set of keys from validated options.</summary>
    public ApiKeys(IOptions<RecSysServerOptions> options) =>
        _keys = [.. options.Value.ApiKeys.Select(key => (SHA256.HashData(Encoding.UTF8.GetBytes(key.Key)), RolesOf(key)))];

    /// <summary>Gets whether no key is configured.</summary>
    public bool IsEmpty => _keys.Length == 0;

    /// <summary>Returns the roles of a key, or null if there is no such key.</summary>
    public Role? Find(string key)
    {
        if (key.Length > ApiKeyOptions.LengthMax)
        {
            return null;
        }

        Span<byte> text = stackalloc byte[ApiKeyOptions.LengthMax * 3];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..Encoding.UTF8.GetBytes(key, text)], hash);
        Role? found = null;
        foreach ((byte[] known, Role roles) in _keys)
        {
            if (CryptographicOperations.FixedTimeEquals(known, hash))
            {
                found = roles;
            }
        }

        return found;
    }

    /// <summary>Returns the roles that a name stands for, or null if it is unknown: an administrator also reads and writes.</summary>
    public static Role? RoleOf(string word) => word.ToUpperInvariant() switch
    {
        "READ" => Role.Read,
        "WRITE" => Role.Write,
        "ADMIN" => Role.Read | Role.Write | Role.Admin,
        _ => null,
    };

    private static Role RolesOf(ApiKeyOptions key) =>
        key.Roles.Aggregate(Role.None, (roles, word) => roles | (RoleOf(word) ?? Role.None));
}
