using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;

namespace RecSys.Core.Log;

/// <summary>Adds and checks the XXH3 at the end of stored bytes.</summary>
internal static class Checksummed
{
    public static byte[] Seal(ReadOnlySpan<byte> content)
    {
        byte[] bytes = GC.AllocateUninitializedArray<byte>(content.Length + sizeof(ulong));
        content.CopyTo(bytes);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(content.Length), XxHash3.HashToUInt64(content));
        return bytes;
    }

    /// <summary>Adds the checksum of a buffer's bytes to it, and returns all of its bytes.</summary>
    public static ReadOnlySequence<byte> Seal(SequenceBuffer content)
    {
        ulong hash = HashOf(content.ToSequence());
        BinaryPrimitives.WriteUInt64LittleEndian(content.GetSpan(sizeof(ulong)), hash);
        content.Advance(sizeof(ulong));
        return content.ToSequence();
    }

    /// <exception cref="CorruptRecordException">The bytes differ from the saved ones.</exception>
    public static ReadOnlySpan<byte> Open(ReadOnlySpan<byte> bytes, string what)
    {
        int length = bytes.Length - sizeof(ulong);
        return length >= 0 && BinaryPrimitives.ReadUInt64LittleEndian(bytes[length..]) == XxHash3.HashToUInt64(bytes[..length])
            ? bytes[..length]
            : throw CorruptOf(what);
    }

    /// <exception cref="CorruptRecordException">The bytes differ from the saved ones.</exception>
    public static ReadOnlySequence<byte> Open(in ReadOnlySequence<byte> bytes, string what)
    {
        long length = bytes.Length - sizeof(ulong);
        if (length < 0)
        {
            throw CorruptOf(what);
        }

        Span<byte> checksum = stackalloc byte[sizeof(ulong)];
        bytes.Slice(length).CopyTo(checksum);
        ReadOnlySequence<byte> content = bytes.Slice(0, length);
        return BinaryPrimitives.ReadUInt64LittleEndian(checksum) == HashOf(content) ? content : throw CorruptOf(what);
    }

    private static ulong HashOf(in ReadOnlySequence<byte> content)
    {
        XxHash3 hash = new();
        foreach (ReadOnlyMemory<byte> segment in content)
        {
            hash.Append(segment.Span);
        }

        return hash.GetCurrentHashAsUInt64();
    }

    private static CorruptRecordException CorruptOf(string what) => new($"the saved bytes of {what} are corrupt: their checksum does not match");
}
