using System.Text.Json;
using System.Text.Json.Serialization;
using RecSys.Files;

namespace RecSys.Cli.Hosting;

/// <summary>The folder that contains all of an installation's data: one process at a time may use it.</summary>
/// <remarks>
/// The process that uses it holds a <see cref="FolderLock"/> on it and, once it listens, writes its URL into <c>server.json</c>;
/// other commands on that folder call it at that URL.
/// </remarks>
internal sealed partial class DataFolder : IDisposable
{
    private readonly FolderLock _lock;

    private DataFolder(InstallationFiles files, FolderLock held)
    {
        Files = files;
        _lock = held;
    }

    /// <summary>Gets the full path.</summary>
    public string Path => Files.Folder;

    /// <summary>Gets the paths of its files.</summary>
    public InstallationFiles Files { get; }

    /// <summary>Gets whether the folder is still at its path; false once it was renamed, replaced or removed.</summary>
    public bool IsInPlace => _lock.IsInPlace;

    /// <summary>Locks a folder for this process, and creates it if it is missing.</summary>
    /// <returns>The folder, or null if another process uses it.</returns>
    /// <exception cref="CommandException">The folder cannot be created or written.</exception>
    public static DataFolder? TryLock(string path)
    {
        InstallationFiles files = new(path);
        FolderLock? held = null;
        try
        {
            PrivateFiles.MakeFolder(files.Folder);
            held = FolderLock.TryLock(files.Folder);
            if (held is null)
            {
                return null;
            }

            RequireWritable(files.Folder);
            File.Delete(files.ServerFile); // left by a process that crashed
            return new DataFolder(files, held);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            held?.Dispose();
            throw new CommandException($"{files.Folder}: cannot be used as data folder: {error.Message.TrimEnd('.')}; give this user the right to write there, or set another folder with --data");
        }
    }

    /// <summary>Throws if no process uses a folder; a missing folder is not created.</summary>
    /// <exception cref="CommandException">No process uses the folder.</exception>
    public static void RequireRunning(string path)
    {
        if (!Directory.Exists(path) || TryLock(path) is { } unused && Release(unused))
        {
            throw new CommandException($"{path}: no server runs on this data folder; start one with recsys serve --data {path}, or name one with --server URL");
        }

        static bool Release(DataFolder folder)
        {
            folder.Dispose();
            return true;
        }
    }

    /// <summary>Returns the address of the process that uses a folder; null while it has not published one.</summary>
    public static ServerAddress? ReadServer(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(new InstallationFiles(path).ServerFile), ServerJsonContext.Default.ServerAddress);
        }
        catch (Exception error) when (error is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Publishes the address of this process for other commands.</summary>
    public void Announce(Uri url)
    {
        byte[] address = JsonSerializer.SerializeToUtf8Bytes(new ServerAddress(url, Environment.ProcessId), ServerJsonContext.Default.ServerAddress);
        DurableFiles.Replace(Files.ServerFile, stream => stream.Write(address));
    }

    /// <summary>Releases the folder.</summary>
    public void Dispose()
    {
        try
        {
            // If the folder was replaced by another, the file there belongs to another server.
            if (IsInPlace)
            {
                File.Delete(Files.ServerFile);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The next process that locks the folder deletes the file.
        }

        _lock.Dispose();
    }

    /// <summary>Writes a file into a folder and deletes it: a database in a read-only folder would fail with less clear errors.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write to the folder.</exception>
    public static void RequireWritable(string folder)
    {
        string probe = System.IO.Path.Combine(folder, ".write-probe");
        using (new FileStream(probe, PrivateFiles.Options(FileMode.Create, FileAccess.Write)))
        {
        }

        File.Delete(probe);
    }

    [JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
    [JsonSerializable(typeof(ServerAddress))]
    private sealed partial class ServerJsonContext : JsonSerializerContext;
}
