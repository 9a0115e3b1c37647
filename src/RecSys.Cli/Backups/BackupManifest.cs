using System.Text.Json;
using System.Text.Json.Serialization;
using RecSys.Files;

namespace RecSys.Cli.Backups;

/// <summary>Contents of a backup: its file <c>manifest.json</c>, written last.</summary>
/// <param name="Version">The format's version: 1.</param>
/// <param name="Installation">The installation's id.</param>
/// <param name="Program">The version of the program that made the backup.</param>
/// <param name="CreatedAt">Start of the backup.</param>
/// <param name="LogEnd">The end of the log: the offset of its next record.</param>
/// <param name="StatesLogEnd">The offset up to which the states may include the log's records; null if no state was saved.</param>
/// <param name="Files">Every file except the manifest.</param>
/// <remarks>invariant: StatesLogEnd &lt;= LogEnd.</remarks>
internal sealed record BackupManifest(
    int Version, string Installation, string Program, DateTimeOffset CreatedAt, long LogEnd, long? StatesLogEnd, IReadOnlyList<BackupFile> Files)
{
    /// <summary>The file's name.</summary>
    public const string FileName = "manifest.json";

    /// <summary>The format that this program writes and reads.</summary>
    public const int VersionNow = 1;

    /// <summary>Gets the bytes of all files.</summary>
    [JsonIgnore]
    public long SizeBytes => Files.Sum(file => file.SizeBytes);

    /// <summary>Writes the manifest into a backup's folder; durable when the call returns.</summary>
    public void Write(string folder)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(this, ManifestJsonContext.Default.BackupManifest);
        DurableFiles.Replace(Path.Combine(folder, FileName), stream => stream.Write(json));
    }

    /// <summary>Reads the manifest of a backup's folder.</summary>
    /// <exception cref="CommandException">The folder is not a backup, or one of a newer program.</exception>
    public static BackupManifest Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        BackupManifest? manifest;
        try
        {
            manifest = JsonSerializer.Deserialize(File.ReadAllBytes(path), ManifestJsonContext.Default.BackupManifest);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CommandException($"{folder} is not a backup: it has no {FileName}");
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{path} cannot be read: {error.Message.ReplaceLineEndings(" ")}");
        }

        if (manifest?.Version is not VersionNow)
        {
            throw new CommandException($"{path} is of format version {manifest?.Version ?? 0}; this program supports version {VersionNow}: use the program that made the backup");
        }

        // A path in a file is untrusted: it must stay in the folder.
        return manifest.Files is { } files && files.All(file => file.IsInside)
            ? manifest
            : throw new CommandException($"{path} contains paths outside of the backup: it was changed");
    }
}

/// <summary>A file of a backup.</summary>
/// <param name="Path">Its path in the backup and in the data folder, with <c>/</c> between folders.</param>
/// <param name="SizeBytes">Its length.</param>
/// <param name="Sha256">Its SHA-256 in lower-case hexadecimal digits.</param>
internal sealed record BackupFile(string Path, long SizeBytes, string Sha256)
{
    /// <summary>Gets whether the path stays in its folder.</summary>
    [JsonIgnore]
    public bool IsInside => Path is { Length: > 0 } && !System.IO.Path.IsPathRooted(Path) && Path.Split('/', '\\').All(part => part is not ("" or "." or ".."));
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(BackupManifest))]
internal sealed partial class ManifestJsonContext : JsonSerializerContext;
