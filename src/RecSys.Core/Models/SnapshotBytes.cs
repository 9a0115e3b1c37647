namespace RecSys.Core.Models;

/// <summary>The bytes of a model snapshot, in memory or in a file. They may exceed the length of one span and are read in slices.</summary>
/// <remarks>
/// Use a slice only until these bytes are disposed of. Later, reading the span of a slice of a copied or mapped file throws <see cref="ObjectDisposedException"/>; other kinds may not detect it.
/// </remarks>
public abstract class SnapshotBytes : IDisposable
{
    /// <summary>Gets the number of bytes.</summary>
    public abstract long Length { get; }

    /// <summary>Returns the bytes of an array.</summary>
    public static SnapshotBytes Of(ReadOnlyMemory<byte> bytes) => new InMemory(bytes);

    /// <summary>Returns a slice. In copied or mapped files, the address of a slice is a multiple of 64 if its offset is; other bytes promise no alignment.</summary>
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
