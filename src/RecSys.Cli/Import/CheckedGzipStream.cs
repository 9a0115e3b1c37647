using System.Buffers.Binary;
using System.IO.Compression;

namespace RecSys.Cli.Import;

/// <summary>Decompresses gzip, and fails at the end of a file that was cut short, where <see cref="GZipStream"/> ends as if it were complete.</summary>
/// <remarks>
/// The last four bytes of a file are the size of its last member's content modulo 2^32. A size that is not larger than what was read is accepted, because a file may have several members, or more than 4 GiB: a file that was cut short
/// is accepted if the last four bytes that are left happen to be such a size, with a probability of (bytes read) / 2^32.
/// </remarks>
internal sealed class CheckedGzipStream : ReadOnlyStream
{
    private const int SizeBytes = sizeof(uint);

    private readonly GZipStream _gzip;
    private readonly uint _size;
    private ulong _read;

    /// <summary>Creates the stream over a file.</summary>
    public CheckedGzipStream(FileStream file)
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
        return count == 0 && buffer.Length > 0 && _size > _read
            ? throw new InvalidDataException("the compressed file ends too early")
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
