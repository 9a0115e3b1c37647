using RecSys.Core.Models;

namespace RecSys.Core.Ports;

/// <summary>A store of models: each is published once, as a whole or not at all, and never replaced.</summary>
/// <remarks>Safe for concurrent use; an adapter passes <c>ModelStoreContract</c> in RecSys.TestKit.</remarks>
public interface IModelStore
{
    /// <summary>Raised after this process has set an alias, with its name and its new model. Handlers must return at once.</summary>
    event Action<string, ModelVersion?>? AliasChanged;

    /// <summary>Publishes a model; durable when done. No alias names it yet.</summary>
    /// <returns>The card with the fields that the store adds.</returns>
    /// <exception cref="ArgumentException">The parts of the content do not fit together.</exception>
    /// <exception cref="InvalidOperationException">There is a model of this version already; the call changed no data.</exception>
    /// <exception cref="StoreUnavailableException">It could not be written; no model was published.</exception>
    ValueTask<ModelCard> PublishAsync(ModelVersion version, ModelContent content, CancellationToken cancellationToken);

    /// <summary>Returns the cards of the models, newest version first. A model whose card cannot be read is left out; <see cref="ListDamagedAsync"/> names it.</summary>
    ValueTask<IReadOnlyList<ModelCard>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Returns the models that are known to be damaged, newest version first: their card cannot be read, or they were opened and could not be.</summary>
    ValueTask<IReadOnlyList<DamagedModel>> ListDamagedAsync(CancellationToken cancellationToken);

    /// <summary>Opens a model and checks the whole file. The caller disposes of it.</summary>
    /// <returns>The model, or null if there is none of this version.</returns>
    /// <exception cref="CorruptModelException">Its bytes differ from the published ones.</exception>
    /// <exception cref="StoreUnavailableException">It cannot be read now.</exception>
    ValueTask<ModelSnapshot?> OpenAsync(ModelVersion version, CancellationToken cancellationToken);

    /// <summary>The model that an alias, by its name, names, or null.</summary>
    /// <exception cref="ArgumentException">There is no such alias.</exception>
    /// <exception cref="CorruptModelException">The alias is set and does not hold a version.</exception>
    /// <exception cref="StoreUnavailableException">It cannot be read now.</exception>
    ValueTask<ModelVersion?> GetAliasAsync(string name, CancellationToken cancellationToken);

    /// <summary>Sets or removes an alias of a model, atomically and durably.</summary>
    /// <returns>False if there is no model of this version; the call changed no data.</returns>
    /// <exception cref="ArgumentException">There is no such alias.</exception>
    /// <exception cref="StoreUnavailableException">It could not be written.</exception>
    ValueTask<bool> SetAliasAsync(string name, ModelVersion? version, CancellationToken cancellationToken);

    /// <summary>Deletes all but the newest models; those that an alias names stay.</summary>
    /// <param name="keep">How many to keep, 1 or more.</param>
    /// <param name="cancellationToken">Ends the deleting.</param>
    /// <returns>How many were deleted.</returns>
    ValueTask<int> DeleteOldAsync(int keep, CancellationToken cancellationToken);
}
