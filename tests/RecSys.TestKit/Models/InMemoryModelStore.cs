using System.Collections.Concurrent;
using RecSys.Core.Models;
using RecSys.Core.Ports;

namespace RecSys.TestKit.Models;

/// <summary>A model store in memory that passes <see cref="ModelStoreContract"/>; its calls can be made to fail.</summary>
public sealed class InMemoryModelStore(TimeProvider clock) : IModelStore
{
    private readonly ConcurrentDictionary<ModelVersion, (byte[] Bytes, long CreatedAtMs)> _models = new();
    private readonly ConcurrentDictionary<string, ModelVersion> _aliases = new(StringComparer.Ordinal);

    public event Action<string>? AliasChanged;

    /// <summary>Gets or sets the exception that every call throws, before it has an effect; null: calls succeed.</summary>
    public Exception? Fault { get; set; }

    /// <summary>Returns the bytes of a model.</summary>
    public byte[] BytesOf(ModelVersion version) => _models[version].Bytes;

    public ValueTask<ModelCard> PublishAsync(ModelVersion version, ModelContent content, CancellationToken cancellationToken)
    {
        Begin(cancellationToken);
        byte[] bytes = SmallModels.Bytes(content);
        if (!_models.TryAdd(version, (bytes, clock.GetUtcNow().ToUnixTimeMilliseconds())))
        {
            throw new InvalidOperationException($"there is a model {version} already");
        }

        return new(Completed(version, content.Card));
    }

    public ValueTask<IReadOnlyList<ModelCard>> ListAsync(CancellationToken cancellationToken)
    {
        Begin(cancellationToken);
        return new([.. _models
            .OrderByDescending(model => model.Key)
            .Select(model => Completed(model.Key, ModelSnapshot.ReadCard(SnapshotBytes.Of(model.Value.Bytes))))]);
    }

    public ValueTask<IReadOnlyList<DamagedModel>> ListDamagedAsync(CancellationToken cancellationToken)
    {
        Begin(cancellationToken);
        return new((IReadOnlyList<DamagedModel>)[]);
    }

    public ValueTask<ModelSnapshot?> OpenAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        Begin(cancellationToken);
        return new(_models.TryGetValue(version, out (byte[] Bytes, long CreatedAtMs) model)
            ? ModelSnapshot.Open(SnapshotBytes.Of(model.Bytes), card => Completed(version, card))
            : null);
    }

    public ValueTask<ModelVersion?> GetAliasAsync(string name, CancellationToken cancellationToken)
    {
        Begin(cancellationToken);
        Require(name);
        return new(_aliases.TryGetValue(name, out ModelVersion version) ? version : null);
    }

    public ValueTask<bool> SetAliasAsync(string name, ModelVersion? version, CancellationToken cancellationToken)
    {
        Begin(cancellationToken);
        Require(name);
        return new(Set(name, version));
    }

    public ValueTask<bool> TryReplaceAliasAsync(string name, ModelVersion? current, ModelVersion? version, CancellationToken cancellationToken)
    {
        Begin(cancellationToken);
        Require(name);
        lock (_aliases)
        {
            ModelVersion? found = _aliases.TryGetValue(name, out ModelVersion named) ? named : null;
            return new(found == current && Set(name, version));
        }
    }

    private bool Set(string name, ModelVersion? version)
    {
        lock (_aliases)
        {
            if (version is { } wanted)
            {
                if (!_models.ContainsKey(wanted))
                {
                    return false;
                }

                _aliases[name] = wanted;
            }
            else
            {
                _aliases.TryRemove(name, out _);
            }
        }

        AliasChanged?.Invoke(name);
        return true;
    }

    public ValueTask<int> DeleteOldAsync(int keep, CancellationToken cancellationToken)
    {
        Begin(cancellationToken);
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, 1);
        return new(_models.Keys.OrderDescending().Skip(keep).Except(_aliases.Values).ToList().Count(version => _models.TryRemove(version, out _)));
    }

    private static void Require(string name)
    {
        if (!ModelAliases.All.Contains(name))
        {
            throw new ArgumentException($"there is no alias '{name}'", nameof(name));
        }
    }

    private ModelCard Completed(ModelVersion version, ModelCard card) => card with
    {
        Version = version,
        CreatedAtMs = _models[version].CreatedAtMs,
        SizeBytes = _models[version].Bytes.Length,
    };

    private void Begin(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Fault is { } fault)
        {
            throw fault;
        }
    }
}
