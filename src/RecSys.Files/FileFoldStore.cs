using RecSys.Core.Ports;

namespace RecSys.Files;

/// <summary>Keeps each fold's state in a file of a folder of its own: written aside, synced, renamed.</summary>
public sealed class FileFoldStore : IFoldStore
{
    private const string Extension = ".fold";

    private readonly string _folder;

    /// <summary>Takes the folder, makes it if it is missing, and clears away what a crash left half written.</summary>
    /// <exception cref="IOException">The folder cannot be made or read.</exception>
    public FileFoldStore(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _folder = folder;
        Directory.CreateDirectory(folder);
        DurableFiles.CleanAside(folder);
    }

    /// <inheritdoc/>
    public byte[]? Load(string name)
    {
        try
        {
            return File.ReadAllBytes(PathOf(name));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException($"{PathOf(name)} cannot be read: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public void Save(string name, ReadOnlySpan<byte> state)
    {
        byte[] bytes = state.ToArray();
        try
        {
            DurableFiles.Replace(PathOf(name), stream => stream.Write(bytes));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException($"{PathOf(name)} cannot be written: {e.Message}", e);
        }
    }

    private string PathOf(string name) =>
        name.Length > 0 && name.All(character => character is (>= 'a' and <= 'z') or '-')
            ? Path.Combine(_folder, name + Extension)
            : throw new ArgumentException($"'{name}' is no fold's name: lower-case letters and hyphens are allowed", nameof(name));
}
