using System.Security.Cryptography;
using System.Text;

namespace RecSys.Core;

/// <summary>Turns user ids into owners with the installation's key: HMAC-SHA-256, cut to 128 bits.</summary>
/// <remarks>The key is the installation's for good: with another key every user is a stranger. Safe for concurrent use.</remarks>
public sealed class OwnerHash
{
    /// <summary>The bytes of a key.</summary>
    public const int KeySizeBytes = 32;

    private readonly byte[] _key;

    /// <summary>Takes the installation's key.</summary>
    /// <param name="key">Exactly <see cref="KeySizeBytes"/> secret bytes.</param>
    /// <exception cref="ArgumentException">It has another length.</exception>
    public OwnerHash(ReadOnlySpan<byte> key)
    {
        if (key.Length != KeySizeBytes)
        {
            throw new ArgumentException($"the key has {key.Length} bytes instead of {KeySizeBytes}", nameof(key));
        }

        _key = key.ToArray();
    }

    /// <summary>The owner of <paramref name="user"/>'s states.</summary>
    public Owner Of(UserId user)
    {
        Span<byte> text = stackalloc byte[Limits.IdBytesMax];
        int length = Encoding.UTF8.GetBytes(user.Value, text);
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, text[..length], hash);
        return new Owner(hash);
    }
}
