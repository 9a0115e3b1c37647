using System.Security.Cryptography;
using System.Text;

namespace RecSys.Core;

/// <summary>Converts user ids to owners with the installation's key: HMAC-SHA-256, truncated to 128 bits.</summary>
/// <remarks>The key of an installation never changes: another key would give every user another owner. Safe for concurrent use.</remarks>
public sealed class OwnerHash
{
    /// <summary>The number of bytes of a key.</summary>
    public const int KeySizeBytes = 32;

    // Each thread has an instance that has already processed the key: processing the key takes as long as hashing an id, and every record needs a hash.
    [ThreadStatic]
    private static IncrementalHash? _keyed;

    [ThreadStatic]
    private static byte[]? _keyedBy;

    private readonly byte[] _key;

    /// <summary>Creates the hash with the installation's key.</summary>
    /// <param name="key">Exactly <see cref="KeySizeBytes"/> secret bytes.</param>
    /// <exception cref="ArgumentException">The key has another length.</exception>
    public OwnerHash(ReadOnlySpan<byte> key)
    {
        if (key.Length != KeySizeBytes)
        {
            throw new ArgumentException($"the key has {key.Length} bytes instead of {KeySizeBytes}", nameof(key));
        }

        _key = key.ToArray();
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, "recsys installation"u8, hash);
        Installation = InstallationId.Of(hash[..(InstallationId.Length / 2)]);
    }

    /// <summary>Gets the id of the key's installation, from which the key cannot be derived.</summary>
    public InstallationId Installation { get; }

    /// <summary>Returns the owner of <paramref name="user"/>'s states.</summary>
    public Owner Of(UserId user)
    {
        Span<byte> text = stackalloc byte[Limits.IdBytesMax];
        int length = Encoding.UTF8.GetBytes(user.Value, text);
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        if (_keyed is null || !ReferenceEquals(_keyedBy, _key))
        {
            _keyed?.Dispose();
            _keyed = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
            _keyedBy = _key;
        }

        _keyed.AppendData(text[..length]);
        _keyed.GetHashAndReset(hash);
        return new Owner(hash);
    }
}
