using System.Buffers;
using System.IO.MemoryMappedFiles;
using RecSys.Core.Models;

namespace RecSys.Files;

/// <summary>A file mapped into memory for reading. The system loads its pages on access and keeps them in its cache.</summary>
internal sealed unsafe class MappedBytes : SnapshotBytes
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private byte* _start;

    private MappedBytes(MemoryMappedFile file, MemoryMappedViewAccessor view, long length)
    {
        _file = file;
        _view = view;
        Length = length;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    public override long Length { get; }

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="CorruptModelException">The file is empty.</exception>
    public static MappedBytes Open(string path)
    {
        FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 1);
        long length = stream.Length;
        if (length == 0)
        {
            stream.Dispose();
            throw new CorruptModelException($"the model file {Path.GetFileName(path)} is empty");
        }

        MemoryMappedFile file = MemoryMappedFile.CreateFromFile(
            stream, mapName: null, capacity: 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        return new MappedBytes(file, file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read), length);
    }

    public override ReadOnlyMemory<byte> Slice(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - length);
        return new View(this, offset, length).Memory;
    }

    protected override void Dispose(bool disposing)
    {
        if (_start is not null)
        {
            _start = null;
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file.Dispose();
        }
    }

    private sealed class View(MappedBytes owner, long offset, int length) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan()
        {
            byte* start = owner._start;
            ObjectDisposedException.ThrowIf(start is null, owner);
            return new Span<byte>(start + offset, length);
        }

        public override MemoryHandle Pin(int elementIndex = 0) => new(owner._start + offset + elementIndex);

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
