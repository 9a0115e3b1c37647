using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using RecSys.Core.Models;

namespace RecSys.Files;

/// <summary>A copy of a file's bytes in unmanaged memory; later changes of the file do not affect it.</summary>
/// <remarks>It has no finalizer, which could free it while a span over it is in use.</remarks>
internal sealed unsafe class CopiedBytes : NativeBytes
{
    private const int AlignmentBytes = 64;

    private const int ReadBytesMax = 1 << 24;

    private CopiedBytes(byte* start, long length)
        : base(start, length)
    {
    }

    /// <summary>Reads a whole file.</summary>
    /// <param name="file">Open file, which is read from its start.</param>
    /// <param name="name">Name of the file for error messages.</param>
    /// <param name="length">Length of the file in bytes, above 0.</param>
    /// <exception cref="CorruptModelException">The file was truncated meanwhile.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static CopiedBytes Read(SafeFileHandle file, string name, long length)
    {
        CopiedBytes bytes = new((byte*)NativeMemory.AlignedAlloc((nuint)length, AlignmentBytes), length);
        try
        {
            for (long offset = 0; offset < length;)
            {
                int read = RandomAccess.Read(file, new Span<byte>(bytes.Start + offset, (int)Math.Min(ReadBytesMax, length - offset)), offset);
                if (read == 0)
                {
                    throw new CorruptModelException($"the model file {name} was truncated to {offset} of {length} bytes while it was read");
                }

                offset += read;
            }

            return bytes;
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    protected override void Release(byte* start) => NativeMemory.AlignedFree(start);
}
