namespace RecSys.Files;

/// <summary>Files and folders that only their owner can read, because they contain personal data: mode 0600 and 0700 on Unix.</summary>
public static class PrivateFiles
{
    /// <summary>Mode of a file.</summary>
    public const UnixFileMode FileMode0600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Mode of a folder.</summary>
    public const UnixFileMode FolderMode0700 = FileMode0600 | UnixFileMode.UserExecute;

    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    // ENOSPC and EDQUOT as .NET reports them on Linux, and ERROR_DISK_FULL on Windows.
    private const int NoSpace = 28;
    private const int OverQuota = 122;
    private const int WindowsDiskFull = unchecked((int)0x80070070);

    /// <summary>Creates a folder and its parents, if missing.</summary>
    /// <exception cref="IOException">The folder cannot be created.</exception>
    public static void MakeFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, FolderMode0700);
        }
    }

    /// <summary>Returns options that create a file that other users cannot read.</summary>
    public static FileStreamOptions Options(FileMode mode, FileAccess access)
    {
        FileStreamOptions options = new() { Mode = mode, Access = access, Share = FileShare.None, BufferSize = 1 << 16 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = FileMode0600;
        }

        return options;
    }

    /// <summary>Returns whether other users may read or change a file or folder.</summary>
    public static bool IsOpenToOthers(string path) => !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0;

    /// <summary>Removes other users' permissions from a file or folder.</summary>
    /// <returns>Whether there were any.</returns>
    /// <exception cref="UnauthorizedAccessException">Another user owns it.</exception>
    public static bool Tighten(string path)
    {
        if (OperatingSystem.IsWindows() || !IsOpenToOthers(path))
        {
            return false;
        }

        File.SetUnixFileMode(path, File.GetUnixFileMode(path) & ~Others);
        return true;
    }

    /// <summary>Returns whether an exception means that the disk is full.</summary>
    public static bool IsFull(Exception failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return failure is IOException { HResult: NoSpace or OverQuota or WindowsDiskFull };
    }
}
