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

    /// <exception cref="CorruptRecordException">The bytes differ from the saved ones.</exception>
    public static ReadOnlySpan<byte> Open(ReadOnlySpan<byte> bytes, string what)
    {
        int length = bytes.Length - sizeof(ulong);
        if (length < 0 || BinaryPrimitives.ReadUInt64LittleEndian(bytes[length..]) != XxHash3.HashToUInt64(bytes[..length]))
        {
            throw new CorruptRecordException($"the saved bytes of {what} are corrupt: their checksum does not match");
        }

        return bytes[..length];
    }
}
