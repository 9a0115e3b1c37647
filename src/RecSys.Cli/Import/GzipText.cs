using System.Buffers.Binary;
using System.IO.Compression;

namespace RecSys.Cli.Import;

/// <summary>Unpacks gzip, and fails at the end of a file that was cut short, where <see cref="GZipStream"/> ends as if it were complete.</summary>
/// <remarks>
/// The last four bytes of a file are the size of the unpacked content modulo 2^32. Files of several members, of which the last is smaller than the whole, are treated as complete: a file that was cut short is mistaken for
/// one with the probability of its size / 2^32.
/// </remarks>
internal sealed class GzipText : ReadOnlyStream
{
    private const int SizeBytes = sizeof(uint);

    private readonly GZipStream _gzip;
    private readonly uint _size;
    private ulong _read;

    /// <summary>Creates the stream over a file.</summary>
    public GzipText(FileStream file)
    {
        Span<byte> size = stackalloc byte[SizeBytes];
        file.Position = Math.Max(0, file.Length - SizeBytes);
        int length = file.ReadAtLeast(size, SizeBytes, throwOnEndOfStream: false);
        _size = length == SizeBytes ? BinaryPrimitives.ReadUInt32LittleEndian(size) : uint.MaxValue;
        file.Position = 0;
        _gzip = new GZipStream(file, CompressionMode.Decompress, leaveOpen: true);
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        int count = _gzip.Read(buffer);
        _read += (uint)count;
        return count == 0 && buffer.Length > 0 && _size > _read && _size != (uint)_read
            ? throw new InvalidDataException("the packed file ends too early")
            : count;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _gzip.Dispose();
        }

        base.Dispose(disposing);
    }
}
