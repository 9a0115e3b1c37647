using System.Runtime.InteropServices;

namespace RecSys.Files;

/// <summary>Writes files so that after a crash there is the whole new one or none of it: written aside, synced, renamed, the folder synced.</summary>
public static class DurableFiles
{
    /// <summary>What a file is called while it is written.</summary>
    public const string AsideSuffix = ".tmp";

    private const int OpenReadOnly = 0;
    private const int FileExists = 17;

    /// <summary>Writes a file that must not be there yet.</summary>
    /// <param name="path">Where it goes.</param>
    /// <param name="write">Writes the content.</param>
    /// <param name="writtenAt">The time that the file is stamped with; null: when it is written.</param>
    /// <returns>False if there is a file already: nothing was changed.</returns>
    /// <exception cref="IOException">It could not be written; what was written aside is gone.</exception>
    public static bool TryCreate(string path, Action<Stream> write, DateTimeOffset? writtenAt = null)
    {
        if (File.Exists(path))
        {
            return false;
        }

        string aside = WriteAside(path, write, writtenAt);
        bool isNew = TryName(aside, path);
        File.Delete(aside);
        if (isNew)
        {
            SyncFolder(Path.GetDirectoryName(path)!);
        }

        return isNew;
    }

    /// <summary>Writes a file in the place of the one that is there, if one is.</summary>
    /// <exception cref="IOException">It could not be written; the old one is untouched.</exception>
    public static void Replace(string path, Action<Stream> write)
    {
        string aside = WriteAside(path, write, writtenAt: null);
        File.Move(aside, path, overwrite: true);
        SyncFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Deletes what crashed writers left aside in a folder; what is being written now stays.</summary>
    /// <returns>How many files were deleted.</returns>
    public static int CleanAside(string folder)
    {
        int deleted = 0;
        foreach (string path in Directory.EnumerateFiles(folder, "*" + AsideSuffix))
        {
            try
            {
                // Held open without sharing while it is written, by another process too.
                using (new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
                {
                    File.Delete(path);
                }

                deleted++;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // In use, or gone by now.
            }
        }

        return deleted;
    }

    /// <summary>Makes names in a folder durable: without it a rename may be lost though the file's bytes are safe.</summary>
    /// <exception cref="IOException">The system refused.</exception>
    public static void SyncFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int descriptor = OpenFolder(folder, OpenReadOnly);
        if (descriptor < 0)
        {
            throw new IOException($"the folder {folder} cannot be opened: error {Marshal.GetLastPInvokeError()}");
        }

        int result = Sync(descriptor);
        int error = Marshal.GetLastPInvokeError();
        _ = CloseFolder(descriptor);
        if (result != 0)
        {
            throw new IOException($"the folder {folder} cannot be synced: error {error}");
        }
    }

    // .NET's own move looks first and renames then, so that of two writers at once the later would win; link(2) never replaces.
    private static bool TryName(string aside, string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            if (Link(aside, path) == 0)
            {
                return true;
            }

            if (Marshal.GetLastPInvokeError() == FileExists)
            {
                return false;
            }
        }

        try
        {
            File.Move(aside, path, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }
    }

    private static string WriteAside(string path, Action<Stream> write, DateTimeOffset? writtenAt)
    {
        string aside = $"{path}.{Guid.NewGuid():N}{AsideSuffix}";
        try
        {
            using (FileStream stream = new(aside, PrivateFiles.Options(FileMode.CreateNew, FileAccess.ReadWrite)))
            {
                write(stream);
                stream.Flush(flushToDisk: false);
                if (writtenAt is { } time)
                {
                    File.SetLastWriteTimeUtc(stream.SafeFileHandle, time.UtcDateTime);
                }

                stream.Flush(flushToDisk: true);
            }

            return aside;
        }
        catch
        {
            File.Delete(aside);
            throw;
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int OpenFolder([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "link", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Link(
        [MarshalAs(UnmanagedType.LPUTF8Str)] string from, [MarshalAs(UnmanagedType.LPUTF8Str)] string to);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Sync(int descriptor);

    [DllImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int CloseFolder(int descriptor);
}
