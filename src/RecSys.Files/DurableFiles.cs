using System.Runtime.InteropServices;

namespace RecSys.Files;

/// <summary>Writes files atomically and durably: under a temporary name, synced, renamed, and the folder synced. After a crash the new file is complete or absent.</summary>
public static class DurableFiles
{
    /// <summary>Suffix of a file while it is written.</summary>
    public const string AsideSuffix = ".tmp";

    private const int OpenReadOnly = 0;
    private const int FileExists = 17;

    /// <summary>Writes a file that must not exist yet.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="write">Writes the content.</param>
    /// <param name="writtenAt">Time stamp of the file; null for the current time.</param>
    /// <returns>False if the file exists already: it is unchanged.</returns>
    /// <exception cref="IOException">The file could not be written durably. It does not exist, unless its folder could be neither synced nor changed; the message then says so.</exception>
    public static bool TryCreate(string path, Action<Stream> write, DateTimeOffset? writtenAt = null)
    {
        if (File.Exists(path))
        {
            return false;
        }

        string aside = WriteAside(path, write, writtenAt);
        bool isNew;
        try
        {
            isNew = TryName(aside, path);
        }
        finally
        {
            TryDelete(aside);
        }

        if (isNew)
        {
            try
            {
                SyncFolder(Path.GetDirectoryName(path)!);
            }
            catch (IOException error)
            {
                // A caller that is told of a failure may write the file again, so it must not exist.
                throw TryDelete(path) ? error : new IOException($"{path} was written and cannot be deleted, but a crash may remove it: {error.Message}", error);
            }
        }

        return isNew;
    }

    /// <summary>Writes a file, and replaces an existing one.</summary>
    /// <exception cref="IOException">The file could not be written, and an existing one is unchanged; or its folder could not be synced: then the file is replaced, but a crash may restore the old one, which the message says.</exception>
    public static void Replace(string path, Action<Stream> write)
    {
        string aside = WriteAside(path, write, writtenAt: null);
        try
        {
            File.Move(aside, path, overwrite: true);
        }
        catch
        {
            TryDelete(aside);
            throw;
        }

        try
        {
            SyncFolder(Path.GetDirectoryName(path)!);
        }
        catch (IOException error)
        {
            throw new IOException($"{path} was replaced, but a crash may restore the old file: {error.Message}", error);
        }
    }

    /// <summary>Deletes temporary files of crashed writers in a folder; files that are being written are kept.</summary>
    /// <returns>The number of deleted files.</returns>
    public static int CleanAside(string folder)
    {
        int deleted = 0;
        foreach (string path in Directory.EnumerateFiles(folder, "*" + AsideSuffix))
        {
            try
            {
                // A writer opens its file without sharing, which also excludes other processes.
                using (new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
                {
                    File.Delete(path);
                }

                deleted++;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // The file is in use, or was deleted meanwhile.
            }
        }

        return deleted;
    }

    /// <summary>Makes the names in a folder durable: without that, a rename may be lost even though the file's bytes are durable. Does nothing on Windows.</summary>
    /// <exception cref="IOException">The system call failed.</exception>
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

    // File.Move checks for the target and then renames, so the later of two concurrent writers could replace the file; link(2) never replaces one.
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

    private static bool TryDelete(string path)
    {
        try
        {
            File.Delete(path);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
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
            TryDelete(aside); // does not throw, so the caller gets the failure of the write
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
