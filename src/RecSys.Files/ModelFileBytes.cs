using Microsoft.Win32.SafeHandles;
using RecSys.Core.Models;

namespace RecSys.Files;

/// <summary>Opens the bytes of a model's file.</summary>
/// <remarks>
/// If a mapped file is truncated, the next read of the missing bytes ends the process (SIGBUS), which .NET code cannot catch. So a model
/// is copied into memory, up to <see cref="CopiedBytesMax"/>; only a larger one is mapped.
/// </remarks>
internal static class ModelFileBytes
{
    /// <summary>The largest model that is copied into memory.</summary>
    public const long CopiedBytesMax = 1L << 30;

    /// <summary>Opens all bytes of a file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="CorruptModelException">The file is empty, or was truncated meanwhile.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static SnapshotBytes Open(string path)
    {
        using SafeFileHandle file = OpenFile(path);
        long length = RandomAccess.GetLength(file);
        string name = Path.GetFileName(path);
        return length == 0 ? throw new CorruptModelException($"the model file {name} is empty")
            : length <= CopiedBytesMax ? CopiedBytes.Read(file, name, length)
            : MappedBytes.Open(path);
    }

    /// <summary>Opens a file without reading it, for callers that need a small part: each slice is read when it is requested.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static SnapshotBytes OpenOnDemand(string path) => new OnDemandBytes(OpenFile(path), Path.GetFileName(path));

    private static SafeFileHandle OpenFile(string path) => File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);

    private sealed class OnDemandBytes(SafeFileHandle file, string name) : SnapshotBytes
    {
        public override long Length { get; } = RandomAccess.GetLength(file);

        public override ReadOnlyMemory<byte> Slice(long offset, int length)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(offset);
            ArgumentOutOfRangeException.ThrowIfNegative(length);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - length);
            byte[] bytes = new byte[length];
            for (int filled = 0; filled < length;)
            {
                int read = RandomAccess.Read(file, bytes.AsSpan(filled), offset + filled);
                filled += read > 0 ? read : throw new CorruptModelException($"the model file {name} was truncated while it was read");
            }

            return bytes;
        }

        protected override void Dispose(bool disposing) => file.Dispose();
    }
}
