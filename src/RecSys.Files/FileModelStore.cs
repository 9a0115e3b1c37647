using System.Collections.Concurrent;
using RecSys.Core;
using RecSys.Core.Models;
using RecSys.Core.Ports;

namespace RecSys.Files;

/// <summary>Stores models as files of one folder, <c>VERSION.model</c>, and aliases in the control store.</summary>
/// <remarks>
/// Older programs stored an alias as a file <c>NAME.alias</c> with a version. It is moved into the control store the first time it is read.
/// A model is written under a temporary name, synced, and renamed; a model is never replaced. Files that a crash left incomplete are
/// ignored, and deleted when the store is opened again. Several processes may share the folder.
/// </remarks>
public sealed class FileModelStore : IModelStore, IDisposable
{
    private const string ModelSuffix = ".model";
    private const string AliasSuffix = ".alias";

    private readonly string _folder;
    private readonly IControlStore _control;
    private readonly TimeProvider _clock;
    private readonly Func<IReadOnlyCollection<string>, ValueTask>? _remember;
    private readonly InstallationId? _installation;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly ConcurrentDictionary<ModelVersion, string> _damaged = new();

    /// <summary>Opens the store; creates its folder if it is missing.</summary>
    /// <param name="folder">The models' folder.</param>
    /// <param name="control">Stores the aliases.</param>
    /// <param name="clock">Clock for the time of publication.</param>
    /// <param name="remember">
    /// Called with the names of all files of models and aliases, so that a later loss of a file is detected: after a file was added, and before files are deleted, with the names
    /// of the remaining ones. Calls do not overlap. Null: not called.
    /// </param>
    /// <param name="installation">The installation that published models name in their cards; null: none.</param>
    /// <exception cref="IOException">The folder cannot be created or read.</exception>
    public FileModelStore(string folder, IControlStore control, TimeProvider clock, Func<IReadOnlyCollection<string>, ValueTask>? remember = null, InstallationId? installation = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(control);
        ArgumentNullException.ThrowIfNull(clock);
        _folder = Path.GetFullPath(folder);
        _control = control;
        _clock = clock;
        _remember = remember;
        _installation = installation;
        PrivateFiles.MakeFolder(_folder);
        DurableFiles.CleanAside(_folder);
        control.Changed += OnChanged;
    }

    /// <inheritdoc/>
    public event Action<string>? AliasChanged;

    /// <inheritdoc/>
    public async ValueTask<ModelCard> PublishAsync(ModelVersion version, ModelContent content, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        string path = PathOf(version);
        content = content with { Card = content.Card with { Installation = _installation } };
        ModelCard published = await Task.Run(
            () =>
            {
                try
                {
                    return DurableFiles.TryCreate(
                        path, stream => ModelSnapshotWriter.Write(content, stream, cancellationToken), _clock.GetUtcNow())
                        ? Completed(path, content.Card)
                        : throw new InvalidOperationException($"a model {version} exists already");
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
                {
                    throw new StoreUnavailableException($"the model {version} cannot be written: {exception.Message}", exception) { IsFull = PrivateFiles.IsFull(exception) };
                }
            },
            cancellationToken).ConfigureAwait(false);
        await _gate.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            await RememberAsync().ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
            // The model is published. Its name is remembered with that of the next one.
        }
        finally
        {
            _gate.Release();
        }

        return published;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ModelCard>> ListAsync(CancellationToken cancellationToken)
    {
        List<ModelCard> cards = [];
        foreach (string path in ModelPaths())
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                using SnapshotBytes bytes = ModelFileBytes.OpenOnDemand(path);
                cards.Add(Completed(path, ModelSnapshot.ReadCard(bytes)));
            }
            catch (Exception exception) when (exception is CorruptModelException or IOException or UnauthorizedAccessException)
            {
                // ListDamagedAsync returns it.
            }
        }

        return ValueTask.FromResult<IReadOnlyList<ModelCard>>(cards);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DamagedModel>> ListDamagedAsync(CancellationToken cancellationToken)
    {
        List<DamagedModel> damaged = [];
        foreach (string path in ModelPaths())
        {
            cancellationToken.ThrowIfCancellationRequested();
            ModelVersion version = new(Path.GetFileNameWithoutExtension(path));
            if (DamageOf(path, version) is { } reason)
            {
                damaged.Add(new DamagedModel(version, reason));
            }
        }

        return ValueTask.FromResult<IReadOnlyList<DamagedModel>>(damaged);
    }

    /// <inheritdoc/>
    public async ValueTask<ModelSnapshot?> OpenAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        string path = PathOf(version);
        return await Task.Run(
            () =>
            {
                try
                {
                    ModelSnapshot model = ModelSnapshot.Open(ModelFileBytes.Open(path), card => Completed(path, card));
                    _damaged.TryRemove(version, out _);
                    return model;
                }
                catch (CorruptModelException exception)
                {
                    _damaged[version] = exception.Message;
                    throw;
                }
                catch (FileNotFoundException)
                {
                    return null;
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
                {
                    throw new StoreUnavailableException($"the model {version} cannot be read: {exception.Message}", exception);
                }
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<ModelVersion?> GetAliasAsync(string name, CancellationToken cancellationToken) =>
        Decoded(name, await ReadAliasAsync(name, cancellationToken).ConfigureAwait(false));

    /// <inheritdoc/>
    public async ValueTask<bool> SetAliasAsync(string name, ModelVersion? version, CancellationToken cancellationToken)
    {
        while (IsThere(version))
        {
            ControlRow? row = await ReadAliasAsync(name, cancellationToken, isReplaced: true).ConfigureAwait(false);
            if (await TryWriteAsync(name, row, version, cancellationToken).ConfigureAwait(false))
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> TryReplaceAliasAsync(string name, ModelVersion? current, ModelVersion? version, CancellationToken cancellationToken)
    {
        ControlRow? row = await ReadAliasAsync(name, cancellationToken, isReplaced: true).ConfigureAwait(false);
        ModelVersion? found = null;
        try
        {
            found = Decoded(name, row);
        }
        catch (CorruptModelException)
        {
            // A damaged alias is treated as one that names no model.
        }

        return found == current && IsThere(version) && await TryWriteAsync(name, row, version, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<int> DeleteOldAsync(int keep, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, 1);
        HashSet<string> named = [];
        foreach (string name in ModelAliases.All)
        {
            try
            {
                if (await GetAliasAsync(name, cancellationToken).ConfigureAwait(false) is { } version)
                {
                    named.Add(PathOf(version));
                }
            }
            catch (CorruptModelException)
            {
                // It names no model that could be kept.
            }
        }

        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            string[] old = [.. ModelPaths().Skip(keep).Where(path => !named.Contains(path))];
            if (old.Length > 0)
            {
                await RememberAsync(old).ConfigureAwait(false);
            }

            int deleted = 0;
            foreach (string path in old)
            {
                try
                {
                    File.Delete(path);
                    deleted++;
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
                {
                    // Windows, for example, does not delete a file that is mapped. A later call deletes it.
                }
            }

            return deleted;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _control.Changed -= OnChanged;
        _gate.Dispose();
    }

    private static ModelCard Completed(string path, ModelCard card)
    {
        FileInfo file = new(path);
        return card with
        {
            Version = new ModelVersion(Path.GetFileNameWithoutExtension(path)),
            CreatedAtMs = new DateTimeOffset(file.LastWriteTimeUtc).ToUnixTimeMilliseconds(),
            SizeBytes = file.Length,
        };
    }

    // Without the folder, the remembered names are kept, because they name its lost files.
    private ValueTask RememberAsync(params string[] deleted) => _remember is null || !Directory.Exists(_folder)
        ? ValueTask.CompletedTask
        : _remember(
        [
            .. Files("*").Where(path => Path.GetExtension(path) is ModelSuffix or AliasSuffix).Except(deleted)
                .Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal),
        ]);

    // Newest version first.
    private IEnumerable<string> ModelPaths() =>
        Files("*" + ModelSuffix)
            .Where(path => ModelVersion.TryCreate(Path.GetFileNameWithoutExtension(path), out _))
            .OrderByDescending(path => Path.GetFileNameWithoutExtension(path), StringComparer.Ordinal);

    private string[] Files(string pattern)
    {
        try
        {
            return Directory.GetFiles(_folder, pattern);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException($"the models cannot be listed: {exception.Message}", exception);
        }
    }

    private static ModelVersion? Decoded(string name, ControlRow? row)
    {
        try
        {
            return row is null ? null : ModelAliasCodec.Decode(row.Value.Span);
        }
        catch (CorruptModelException damage)
        {
            throw new CorruptModelException($"the alias {name} is damaged: {damage.Message}");
        }
    }

    private bool IsThere(ModelVersion? version) => version is not { } named || File.Exists(PathOf(named));

    /// <summary>Reads an alias; one in a file of an older program is moved into the control store first.</summary>
    /// <returns>The row; null if the alias was never set, or if it is to be replaced and its file is damaged. A row of version 0 is not stored yet.</returns>
    private async ValueTask<ControlRow?> ReadAliasAsync(string name, CancellationToken cancellationToken, bool isReplaced = false)
    {
        string path = AliasPath(name);
        string key = ModelAliasCodec.KeyOf(name);
        while (true)
        {
            ControlRow? row = await _control.GetAsync(key, cancellationToken).ConfigureAwait(false);
            if (row is not null || !Path.Exists(path))
            {
                return row;
            }

            byte[] value;
            try
            {
                value = ModelAliasCodec.Encode(VersionIn(name, path));
            }
            catch (CorruptModelException) when (isReplaced)
            {
                return null;
            }

            try
            {
                if (await _control.TrySetAsync(key, 0, value, cancellationToken).ConfigureAwait(false) is not null)
                {
                    await DeleteFileAsync(path).ConfigureAwait(false);
                }
            }
            catch (StoreUnavailableException) when (!isReplaced)
            {
                return new ControlRow(key, 0, value); // it is moved later
            }
        }
    }

    private async ValueTask<bool> TryWriteAsync(string name, ControlRow? row, ModelVersion? version, CancellationToken cancellationToken)
    {
        byte[] value = ModelAliasCodec.Encode(version);
        if (row?.Value.Span.SequenceEqual(value) is true)
        {
            return true;
        }

        if (await _control.TrySetAsync(ModelAliasCodec.KeyOf(name), row?.Version ?? 0, value, cancellationToken).ConfigureAwait(false) is null)
        {
            return false;
        }

        await DeleteFileAsync(AliasPath(name)).ConfigureAwait(false);
        return true;
    }

    /// <summary>Deletes the file of an alias that is in the control store.</summary>
    private async ValueTask DeleteFileAsync(string path)
    {
        await _gate.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            if (File.Exists(path))
            {
                await RememberAsync(path).ConfigureAwait(false);
                File.Delete(path);
                DurableFiles.SyncFolder(_folder);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or StoreUnavailableException)
        {
            // The row in the control store is read instead of the file.
        }
        finally
        {
            _gate.Release();
        }
    }

    private static ModelVersion VersionIn(string name, string path)
    {
        try
        {
            return ModelVersion.TryCreate(File.ReadAllText(path).TrimEnd(), out ModelVersion version)
                ? version
                : throw new CorruptModelException($"the alias {name} is damaged: it does not contain a version");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException($"the alias {name} cannot be read: {exception.Message}", exception);
        }
    }

    private void OnChanged(string key)
    {
        if (key.StartsWith(ModelAliasCodec.KeyPrefix, StringComparison.Ordinal))
        {
            AliasChanged?.Invoke(key[ModelAliasCodec.KeyPrefix.Length..]);
        }
    }

    private string? DamageOf(string path, ModelVersion version)
    {
        try
        {
            using SnapshotBytes bytes = ModelFileBytes.OpenOnDemand(path);
            ModelSnapshot.ReadCard(bytes);
            return _damaged.TryGetValue(version, out string? reason) ? reason : null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (Exception exception) when (exception is CorruptModelException or IOException or UnauthorizedAccessException)
        {
            return exception.Message;
        }
    }

    private string PathOf(ModelVersion version) =>
        Path.Combine(_folder, (version.Value ?? throw new ArgumentException("the version is empty", nameof(version))) + ModelSuffix);

    private string AliasPath(string name) =>
        ModelAliases.All.Contains(name)
            ? Path.Combine(_folder, name + AliasSuffix)
            : throw new ArgumentException($"there is no alias '{name}'", nameof(name));
}
