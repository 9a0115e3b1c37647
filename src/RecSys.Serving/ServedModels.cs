using System.Collections.Concurrent;
using RecSys.Core.Models;
using RecSys.Core.Ports;

namespace RecSys.Serving;

/// <summary>Keeps the champion and the challenger of a store open, and replaces them when an alias changes.</summary>
/// <remarks>
/// The store raises an event for changes of this process; <see cref="RefreshAsync"/> finds those of others. If a model cannot be
/// opened, <see cref="LoadFailed"/> is raised, and the previous model is still served.
/// </remarks>
public sealed class ServedModels : IServedModels, IAsyncDisposable
{
    private static readonly string[] Served = [ModelAliases.Champion, ModelAliases.Challenger];

    private readonly IModelStore _store;
    private readonly ConcurrentDictionary<string, SharedModel> _models = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _gate = new(1, 1);
    private Task _refresh = Task.CompletedTask;
    private bool _isDisposed;

    /// <summary>Listens to a store; <see cref="RefreshAsync"/> loads what it names now.</summary>
    public ServedModels(IModelStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        _store = store;
        store.AliasChanged += OnAliasChanged;
    }

    /// <inheritdoc/>
    public event Action<string>? Changed;

    /// <summary>Raised when a model could not be opened, with its version (the default if the alias could not be read) and the exception.</summary>
    public event Action<ModelVersion, Exception>? LoadFailed;

    /// <inheritdoc/>
    public ModelCard? Champion => _models.TryGetValue(ModelAliases.Champion, out SharedModel? shared) ? shared.Card : null;

    /// <inheritdoc/>
    public ModelLease? TryLease() => TryLease(ModelAliases.Champion);

    /// <inheritdoc/>
    public ModelLease? TryLease(string name)
    {
        // A model that was swapped out between the look-up and the lease has a successor by now.
        while (_models.TryGetValue(name, out SharedModel? shared))
        {
            if (shared.TryLease() is { } lease)
            {
                return lease;
            }
        }

        return null;
    }

    /// <summary>Loads what the aliases name now, where it is not what is served.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (string name in Served)
            {
                if (!_isDisposed)
                {
                    await RefreshOneAsync(name, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _store.AliasChanged -= OnAliasChanged;
        await _gate.WaitAsync().ConfigureAwait(false);
        _isDisposed = true;
        foreach (string name in Served)
        {
            Take(name)?.Release();
        }

        _gate.Release();
        await _refresh.ConfigureAwait(false);
    }

    private async Task RefreshOneAsync(string name, CancellationToken cancellationToken)
    {
        ModelVersion? wanted;
        try
        {
            wanted = await _store.GetAliasAsync(name, cancellationToken).ConfigureAwait(false);
        }
        catch (StoreUnavailableException exception)
        {
            LoadFailed?.Invoke(default, exception);
            return;
        }

        ModelVersion? held = _models.TryGetValue(name, out SharedModel? shared) ? shared.Card.Version : null;
        if (wanted == held)
        {
            return;
        }

        if (wanted is not { } version)
        {
            Take(name)?.Release();
            Changed?.Invoke(name);
            return;
        }

        try
        {
            ModelSnapshot model = await _store.OpenAsync(version, cancellationToken).ConfigureAwait(false)
                ?? throw new StoreUnavailableException($"there is no model {version}");
            SharedModel fresh = new(model);
            _models.TryGetValue(name, out SharedModel? old);
            _models[name] = fresh;
            old?.Release();
        }
        catch (Exception exception) when (exception is CorruptModelException or StoreUnavailableException)
        {
            LoadFailed?.Invoke(version, exception);
            return;
        }

        Changed?.Invoke(name);
    }

    private SharedModel? Take(string name) => _models.TryRemove(name, out SharedModel? shared) ? shared : null;

    private void OnAliasChanged(string name, ModelVersion? version)
    {
        if (Served.Contains(name))
        {
            // The newest version suffices: each refresh reads the aliases when it runs.
            _refresh = Task.Run(() => RefreshAsync(CancellationToken.None));
        }
    }
}
