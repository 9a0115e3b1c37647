using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace RecSys.Core;

/// <summary>The owner of a state: a keyed hash of a user id, so that rows, tombstones and erasure records do not contain the id.</summary>
/// <remarks>Its text, 22 characters of base64url, is the entity id, persistence id and row key of the user.</remarks>
public readonly record struct Owner : IComparable<Owner>
{
    /// <summary>The number of bytes of an owner.</summary>
    public const int SizeBytes = 16;

    /// <summary>The number of characters of its text.</summary>
    public const int TextLength = 22;

    private readonly ulong _high;
    private readonly ulong _low;

    /// <summary>Reads an owner from its <see cref="SizeBytes"/> bytes.</summary>
    /// <exception cref="ArgumentException">There are fewer bytes.</exception>
    public Owner(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < SizeBytes)
        {
            throw new ArgumentException($"an owner has {SizeBytes} bytes", nameof(bytes));
        }

        _high = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _low = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
    }

    /// <summary>Gets the shard of the owner's actor, 0 to <see cref="Limits.ShardCount"/> − 1: the first byte of the hash. Never changes.</summary>
    public int Shard => (int)(_high >> 56);

    /// <summary>Reads an owner from its text.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Owner owner)
    {
        Span<byte> bytes = stackalloc byte[SizeBytes];
        bool isOwner = text is { Length: TextLength }
            && Base64Url.IsValid(text, out int length)
            && length == SizeBytes
            && Base64Url.TryDecodeFromChars(text, bytes, out _);
        owner = isOwner ? new Owner(bytes) : default;
        return isOwner && owner.ToString() == text;
    }

    /// <summary>Writes its <see cref="SizeBytes"/> bytes.</summary>
    public void WriteTo(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, _high);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], _low);
    }

    /// <inheritdoc/>
    public int CompareTo(Owner other) =>
        _high != other._high ? _high.CompareTo(other._high) : _low.CompareTo(other._low);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)_low;

    /// <inheritdoc/>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[SizeBytes];
        WriteTo(bytes);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Compares by bytes.</summary>
    public static bool operator <(Owner left, Owner right) => left.CompareTo(right) < 0;

    /// <summary>Compares by bytes.</summary>
    public static bool operator >(Owner left, Owner right) => left.CompareTo(right) > 0;

    /// <summary>Compares by bytes.</summary>
    public static bool operator <=(Owner left, Owner right) => left.CompareTo(right) <= 0;

    /// <summary>Compares by bytes.</summary>
    public static bool operator >=(Owner left, Owner right) => left.CompareTo(right) >= 0;
}
