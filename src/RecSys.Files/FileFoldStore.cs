using System.Buffers;
using RecSys.Core;
using RecSys.Core.Ports;

namespace RecSys.Files;

/// <summary>Keeps the state of each fold in a file of one folder: written under a temporary name, synced, renamed.</summary>
/// <remarks>A file contains a head with the installation's id, then the state. Files of older programs contain the state alone.</remarks>
public sealed class FileFoldStore : IFoldStore
{
    private const string Extension = ".fold";

    private readonly string _folder;
    private readonly InstallationId _installation;
    private readonly TimeProvider _time;
    private readonly Func<bool>? _isInPlace;

    /// <summary>Opens the folder, creates it if it is missing, and deletes files that a crash left incomplete.</summary>
    /// <param name="folder">Path of the folder.</param>
    /// <param name="installation">The installation id that is written into saved files; a file of another installation is not loaded.</param>
    /// <param name="time">Clock for the names of damaged states.</param>
    /// <param name="isInPlace">Called before each save; if it returns false, the path now leads to another folder and the save fails. Null: no check.</param>
    /// <exception cref="IOException">The folder cannot be created or read.</exception>
    public FileFoldStore(string folder, InstallationId installation, TimeProvider time, Func<bool>? isInPlace = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(time);
        _folder = folder;
        _installation = installation;
        _time = time;
        _isInPlace = isInPlace;
        PrivateFiles.MakeFolder(folder);
        DurableFiles.CleanAside(folder);
    }

    /// <inheritdoc/>
    public ReadOnlySequence<byte>? Load(string name)
    {
        try
        {
            return FoldHead.ReadState(PathOf(name), _installation);
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
    public void Save(string name, ReadOnlySequence<byte> state)
    {
        if (_isInPlace?.Invoke() == false)
        {
            throw new StoreUnavailableException($"{PathOf(name)} is not written: its folder was renamed, replaced or removed");
        }

        try
        {
            DurableFiles.Replace(PathOf(name), stream =>
            {
                stream.Write(FoldHead.Of(_installation));
                foreach (ReadOnlyMemory<byte> segment in state)
                {
                    stream.Write(segment.Span);
                }
            });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException($"the state {name} is not saved durably: {e.Message}", e) { IsFull = PrivateFiles.IsFull(e) };
        }
    }

    /// <inheritdoc/>
    public string? KeepDamaged(string name)
    {
        string path = PathOf(name);
        try
        {
            return File.Exists(path) ? DamagedFiles.Keep(path, _time.GetUtcNow()) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException($"{path} is damaged and cannot be moved: {e.Message}", e);
        }
    }

    private string PathOf(string name) =>
        name.Length > 0 && name.All(character => character is (>= 'a' and <= 'z') or '-')
            ? Path.Combine(_folder, name + Extension)
            : throw new ArgumentException($"'{name}' is not a valid fold name: lower-case letters and hyphens are allowed", nameof(name));
}
