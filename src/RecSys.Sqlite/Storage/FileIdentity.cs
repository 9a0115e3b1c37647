using System.Runtime.InteropServices;

namespace RecSys.Sqlite.Storage;

/// <summary>The identity of the file at a path, by its device and inode number: a path may later name another file.</summary>
internal readonly record struct FileIdentity(long Device, long Number)
{
    // Larger than struct stat of all supported systems; device and inode number are its first two fields on Linux.
    private const int StatBytes = 512;

    /// <summary>Returns the identity of the file at a path; null if there is no file, or the system does not report it.</summary>
    public static FileIdentity? Of(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        Span<long> stat = stackalloc long[StatBytes / sizeof(long)];
        try
        {
            return Stat(path, ref MemoryMarshal.GetReference(stat)) == 0 ? new FileIdentity(stat[0], stat[1]) : null;
        }
        catch (EntryPointNotFoundException)
        {
            return null; // an older C library
        }
    }

    [DllImport("libc", EntryPoint = "stat")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Stat([MarshalAs(UnmanagedType.LPUTF8Str)] string path, ref long stat);
}
