using System.IO.Hashing;

namespace RecSys.Core.Log;

/// <summary>The checksum of stored log data: XXH3. It detects damage, not forgery.</summary>
public static class LogChecksum
{
    /// <summary>Returns the 64 bits of XXH3.</summary>
    public static ulong Of(ReadOnlySpan<byte> bytes) => XxHash3.HashToUInt64(bytes);

    /// <summary>Returns the low 32 bits of XXH3, which are stored with a record.</summary>
    public static uint OfRecord(ReadOnlySpan<byte> record) => (uint)XxHash3.HashToUInt64(record);
}
