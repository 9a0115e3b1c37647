namespace RecSys.Files;

/// <summary>Files and folders that only their owner can read, because they hold persons: mode 0600 and 0700 on Unix.</summary>
public static class PrivateFiles
{
    /// <summary>The mode of a file.</summary>
    public const UnixFileMode FileMode0600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The mode of a folder.</summary>
    public const UnixFileMode FolderMode0700 = FileMode0600 | UnixFileMode.UserExecute;

    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    // ENOSPC and EDQUOT, as .NET hands them through on Unix, and ERROR_DISK_FULL on Windows.
    private const int NoSpace = 28;
    private const int OverQuota = 122;
    private const int WindowsDiskFull = unchecked((int)0x80070070);

    /// <summary>Makes a folder and those above it, if it is not there.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
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

    /// <summary>How a file is opened so that, if it is made, others cannot read it.</summary>
    public static FileStreamOptions Options(FileMode mode, FileAccess access)
    {
        FileStreamOptions options = new() { Mode = mode, Access = access, Share = FileShare.None, BufferSize = 1 << 16 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = FileMode0600;
        }

        return options;
    }

    /// <summary>Whether others than its owner may read or change a file or folder.</summary>
    public static bool IsOpenToOthers(string path) => !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0;

    /// <summary>Takes others' rights from a file or folder, if they have any.</summary>
    /// <returns>Whether they had.</returns>
    /// <exception cref="UnauthorizedAccessException">It is another user's.</exception>
    public static bool Tighten(string path)
    {
        if (OperatingSystem.IsWindows() || !IsOpenToOthers(path))
        {
            return false;
        }

        File.SetUnixFileMode(path, File.GetUnixFileMode(path) & ~Others);
        return true;
    }

    /// <summary>Whether a failure says that the disk is full.</summary>
    public static bool IsFull(Exception failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return failure is IOException { HResult: NoSpace or OverQuota or WindowsDiskFull };
    }
}
