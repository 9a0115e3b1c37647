using System.Text.Json;
using System.Text.Json.Serialization;

namespace RecSys.Cli.Hosting;

/// <summary>The folder that holds all of an installation's data: one process at a time may use it.</summary>
/// <remarks>
/// The process that uses it holds <c>lock</c> open exclusively and, once it listens, writes its URL into <c>server.json</c>;
/// every other command on that folder talks to it there. The operating system frees the lock of a process that dies.
/// </remarks>
internal sealed partial class DataFolder : IDisposable
{
    private readonly FileStream _lock;

    private DataFolder(string path, FileStream held)
    {
        Path = path;
        _lock = held;
    }

    /// <summary>Its full path.</summary>
    public string Path { get; }

    /// <summary>The interaction log.</summary>
    public string LogFile => File("log.db");

    /// <summary>The states of actors.</summary>
    public string StateFile => File("state.db");

    /// <summary>What was shown.</summary>
    public string ImpressionsFile => File("impressions.db");

    /// <summary>The models.</summary>
    public string ModelsFolder => File("models");

    /// <summary>The states of the node's folds.</summary>
    public string FoldsFolder => File("folds");

    private string ServerFile => File("server.json");

    /// <summary>Takes a folder for this process, and makes it if it is not there.</summary>
    /// <returns>The folder, or null if another process uses it.</returns>
    /// <exception cref="CommandException">It cannot be made or written.</exception>
    public static DataFolder? TryTake(string path)
    {
        string full = System.IO.Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(full);
            FileStream held = new(System.IO.Path.Combine(full, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            DataFolder folder = new(full, held);
            System.IO.File.Delete(folder.ServerFile); // of a process that died
            return folder;
        }
        catch (IOException) when (IsInUse(full))
        {
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{full}: cannot be used as data folder: {error.Message}");
        }
    }

    /// <summary>Where the process that uses a folder listens, or null while it does not say so.</summary>
    public static ServerAddress? ReadServer(string path)
    {
        try
        {
            byte[] json = System.IO.File.ReadAllBytes(System.IO.Path.Combine(System.IO.Path.GetFullPath(path), "server.json"));
            return JsonSerializer.Deserialize(json, ServerJsonContext.Default.ServerAddress);
        }
        catch (Exception error) when (error is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Whether a process uses a folder now.</summary>
    public static bool IsInUse(string path)
    {
        string file = System.IO.Path.Combine(System.IO.Path.GetFullPath(path), "lock");
        if (!System.IO.File.Exists(file))
        {
            return false;
        }

        try
        {
            using FileStream probe = new(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Tells other commands where this process listens.</summary>
    public void Announce(Uri url)
    {
        string aside = ServerFile + ".new";
        System.IO.File.WriteAllBytes(
            aside, JsonSerializer.SerializeToUtf8Bytes(new ServerAddress(url, Environment.ProcessId), ServerJsonContext.Default.ServerAddress));
        System.IO.File.Move(aside, ServerFile, overwrite: true);
    }

    /// <summary>Frees the folder.</summary>
    public void Dispose()
    {
        System.IO.File.Delete(ServerFile);
        _lock.Dispose();
    }

    private string File(string name) => System.IO.Path.Combine(Path, name);

    [JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
    [JsonSerializable(typeof(ServerAddress))]
    private sealed partial class ServerJsonContext : JsonSerializerContext;
}
