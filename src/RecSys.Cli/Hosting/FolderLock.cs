using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RecSys.Cli.Hosting;

/// <summary>The exclusive lock of a process on a folder. The operating system releases it when the process ends.</summary>
/// <remarks>
/// On Unix the folder itself is locked (flock). So nobody can get a second lock by deleting or replacing a file in it, and a renamed folder stays
/// locked. On Windows, and on file systems that cannot lock folders, a file <c>lock</c> in the folder is open for exclusive use.
/// </remarks>
internal sealed class FolderLock : IDisposable
{
    private const int ExclusiveAtOnce = 2 | 4; // LOCK_EX | LOCK_NB
    private const int LinuxCloseOnExec = 0x8_0000;
    private const int MacCloseOnExec = 0x100_0000;
    private const int LinuxWouldBlock = 11;
    private const int MacWouldBlock = 35;

    private readonly IDisposable _held;
    private readonly string? _link;
    private readonly string? _place;

    private FolderLock(IDisposable held, string? link)
    {
        _held = held;
        _link = link;
        _place = link is null ? null : PlaceOf(link);
    }

    /// <summary>Gets whether the locked folder is still at its path; true if the system does not report it.</summary>
    public bool IsInPlace => _link is null || _place is null || PlaceOf(_link) is not { } now || now == _place;

    /// <summary>Locks a folder.</summary>
    /// <returns>The lock; null if another process, or another part of this one, holds it.</returns>
    /// <exception cref="IOException">The folder cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The file <c>lock</c>, where one is used, may not be written by this user.</exception>
    public static FolderLock? TryLock(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return TryLockFile(folder);
        }

        int descriptor = Open(folder, OperatingSystem.IsMacOS() ? MacCloseOnExec : LinuxCloseOnExec);
        if (descriptor < 0)
        {
            throw new IOException(Marshal.GetLastPInvokeErrorMessage());
        }

        SafeFileHandle handle = new(descriptor, ownsHandle: true);
        if (Lock(descriptor, ExclusiveAtOnce) == 0)
        {
            return new FolderLock(handle, OperatingSystem.IsLinux() ? $"/proc/self/fd/{descriptor}" : null);
        }

        int error = Marshal.GetLastPInvokeError();
        handle.Dispose();
        return error == (OperatingSystem.IsMacOS() ? MacWouldBlock : LinuxWouldBlock) ? null : TryLockFile(folder);
    }

    public void Dispose() => _held.Dispose();

    private static FolderLock? TryLockFile(string folder)
    {
        string path = Path.Combine(folder, "lock");
        try
        {
            return new FolderLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None), link: null);
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }

    // The target of the link is the current path of the folder; the kernel appends " (deleted)" when the folder was removed.
    private static string? PlaceOf(string link)
    {
        try
        {
            return new FileInfo(link).LinkTarget;
        }
        catch (IOException)
        {
            return null; // too many open files, for example
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "flock", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Lock(int descriptor, int operation);
}
