using System.IO.MemoryMappedFiles;
using RecSys.Core.Models;

namespace RecSys.Files;

/// <summary>A file mapped into memory for reading. The system loads its pages on access and keeps them in its cache.</summary>
internal sealed unsafe class MappedBytes : NativeBytes
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    private MappedBytes(MemoryMappedFile file, MemoryMappedViewAccessor view, long length)
        : base(Acquire(view), length)
    {
        _file = file;
        _view = view;
    }

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

    protected override void Release(byte* start)
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    private static byte* Acquire(MemoryMappedViewAccessor view)
    {
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        return start;
    }
}
