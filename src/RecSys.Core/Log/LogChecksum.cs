using System.IO.Hashing;

namespace RecSys.Core.Log;

/// <summary>The checksum of what a log stores: XXH3. It finds damage, not forgery.</summary>
public static class LogChecksum
{
    /// <summary>The 64 bits of XXH3.</summary>
    public static ulong Of(ReadOnlySpan<byte> bytes) => XxHash3.HashToUInt64(bytes);

    /// <summary>The low 32 bits of XXH3: what stands beside a record.</summary>
    public static uint OfRecord(ReadOnlySpan<byte> record) => (uint)XxHash3.HashToUInt64(record);
}
