namespace RecSys.Core.Models;

/// <summary>The bytes of a model snapshot in a mapped file or an array. They may exceed the length of one span and are read in slices.</summary>
/// <remarks>A slice is valid until this is disposed of; a later call throws <see cref="ObjectDisposedException"/>.</remarks>
public abstract class SnapshotBytes : IDisposable
{
    /// <summary>Gets the number of bytes.</summary>
    public abstract long Length { get; }

    /// <summary>Returns the bytes of an array.</summary>
    public static SnapshotBytes Of(ReadOnlyMemory<byte> bytes) => new InMemory(bytes);

    /// <summary>Returns a slice; it is aligned in memory like its offset, up to 64 bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The slice exceeds the bytes.</exception>
    public abstract ReadOnlyMemory<byte> Slice(long offset, int length);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases the bytes.</summary>
    protected abstract void Dispose(bool disposing);

    private sealed class InMemory(ReadOnlyMemory<byte> bytes) : SnapshotBytes
    {
        public override long Length => bytes.Length;

        public override ReadOnlyMemory<byte> Slice(long offset, int length)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)offset, (ulong)bytes.Length, nameof(offset));
            return bytes.Slice((int)offset, length);
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
