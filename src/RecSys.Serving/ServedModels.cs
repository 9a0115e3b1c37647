using System.Collections.Concurrent;
using RecSys.Core.Models;
using RecSys.Core.Ports;

namespace RecSys.Serving;

/// <summary>Keeps the champion and the challenger of a store open, and replaces them when an alias changes. Safe for concurrent use.</summary>
/// <remarks>
/// The store announces changes of an alias; <see cref="RefreshAsync"/> detects those whose announcement was lost. If the champion cannot be opened, the
/// model served so far stays in service; if there is none, the newest model that can be opened is served. <see cref="Fallback"/> then describes the failure, and <see cref="LoadFailed"/> is raised once.
/// </remarks>
public sealed class ServedModels : IServedModels, IAsyncDisposable
{
    private static readonly string[] Served = [ModelAliases.Champion, ModelAliases.Challenger];

    private readonly IModelStore _store;
    private readonly Dictionary<string, (ModelVersion Version, Exception Reason)> _failures = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, SharedModel> _models = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _gate = new(1, 1);
    private Task _refresh = Task.CompletedTask;
    private ModelFallback? _fallback;
    private bool _isDisposed;

    /// <summary>Subscribes to a store; <see cref="RefreshAsync"/> loads the models that its aliases name.</summary>
    public ServedModels(IModelStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        _store = store;
        store.AliasChanged += OnAliasChanged;
    }

    /// <inheritdoc/>
    public event Action<string>? Changed;

    /// <summary>Raised when a model cannot be opened, with its version and the reason; once for each version and reason. The version is the default if an alias cannot be read.</summary>
    public event Action<ModelVersion, Exception>? LoadFailed;

    /// <inheritdoc/>
    public ModelCard? Champion => _models.TryGetValue(ModelAliases.Champion, out SharedModel? shared) ? shared.Card : null;

    /// <inheritdoc/>
    public ModelFallback? Fallback => Volatile.Read(ref _fallback);

    /// <inheritdoc/>
    public ModelLease? TryLease() => TryLease(ModelAliases.Champion);

    /// <inheritdoc/>
    public ModelLease? TryLease(string name)
    {
        // If the model is replaced between the look-up and the lease, the look-up is repeated.
        while (_models.TryGetValue(name, out SharedModel? shared))
        {
            if (shared.TryLease() is { } lease)
            {
                return lease;
            }
        }

        return null;
    }

    /// <summary>Loads the models that the aliases name, unless they are served already.</summary>
    /// <param name="isChanged">Whether an alias may have changed. If not, a model that was found damaged is not read again.</param>
    /// <param name="cancellationToken">Cancels the loading.</param>
    public async Task RefreshAsync(bool isChanged, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (string name in Served)
            {
                if (!_isDisposed)
                {
                    await RefreshOneAsync(name, isChanged, cancellationToken).ConfigureAwait(false);
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
            Remove(name)?.Release();
        }

        _gate.Release();
        await _refresh.ConfigureAwait(false);
    }

    private async Task RefreshOneAsync(string name, bool isChanged, CancellationToken cancellationToken)
    {
        ModelVersion? wanted = null;
        ModelVersion? held = _models.TryGetValue(name, out SharedModel? shared) ? shared.Card.Version : null;
        Exception? failure;
        try
        {
            wanted = await _store.GetAliasAsync(name, cancellationToken).ConfigureAwait(false);
            failure = wanted is not { } version || version == held ? null
                : !isChanged && _failures.TryGetValue(name, out (ModelVersion Version, Exception Reason) last) && last.Version == version && last.Reason is CorruptModelException ? last.Reason
                : await TryServeAsync(name, version, cancellationToken).ConfigureAwait(false);
            if (name == ModelAliases.Champion && wanted is null && (held is null || Fallback is not null) && await HasModelsAsync(cancellationToken).ConfigureAwait(false))
            {
                failure = new CorruptModelException("the alias champion is missing, though there are models");
            }
        }
        catch (Exception exception) when (exception is CorruptModelException or StoreUnavailableException)
        {
            failure = exception;
        }

        if (failure is null)
        {
            _failures.Remove(name);
            if (wanted is null && held is not null)
            {
                Remove(name)?.Release();
                Changed?.Invoke(name);
            }

            if (name == ModelAliases.Champion)
            {
                Volatile.Write(ref _fallback, null);
            }

            return;
        }

        if (name == ModelAliases.Champion)
        {
            held ??= await FallBackAsync(wanted, cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref _fallback, new ModelFallback(wanted, failure.Message, held));
        }

        bool isKnown = _failures.TryGetValue(name, out (ModelVersion Version, Exception Reason) known) && known.Version == (wanted ?? default) && known.Reason.Message == failure.Message;
        _failures[name] = (wanted ?? default, failure);
        if (!isKnown)
        {
            LoadFailed?.Invoke(wanted ?? default, failure);
        }
    }

    private async Task<bool> HasModelsAsync(CancellationToken cancellationToken) =>
        (await _store.ListAsync(cancellationToken).ConfigureAwait(false)).Count > 0
        || (await _store.ListDamagedAsync(cancellationToken).ConfigureAwait(false)).Count > 0;

    /// <summary>Serves the newest model that can be opened, without trying the wanted one again.</summary>
    /// <returns>The version of that model; null if none can be opened.</returns>
    private async Task<ModelVersion?> FallBackAsync(ModelVersion? wanted, CancellationToken cancellationToken)
    {
        IReadOnlyList<ModelCard> cards;
        try
        {
            cards = await _store.ListAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
            return null;
        }

        foreach (ModelCard card in cards.Where(card => card.Version != wanted))
        {
            if (await TryServeAsync(ModelAliases.Champion, card.Version, cancellationToken).ConfigureAwait(false) is null)
            {
                return card.Version;
            }
        }

        return null;
    }

    /// <summary>Opens a model, and serves it instead of the current one of an alias.</summary>
    /// <returns>Null if the model is served; otherwise the reason why it cannot be opened.</returns>
    private async Task<Exception?> TryServeAsync(string name, ModelVersion version, CancellationToken cancellationToken)
    {
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
            return exception;
        }

        Changed?.Invoke(name);
        return null;
    }

    private SharedModel? Remove(string name) => _models.TryRemove(name, out SharedModel? shared) ? shared : null;

    private void OnAliasChanged(string name)
    {
        if (Served.Contains(name))
        {
            // Each refresh reads the aliases when it runs, so only the last one has to be awaited.
            _refresh = Task.Run(() => RefreshAsync(isChanged: true, CancellationToken.None));
        }
    }
}
