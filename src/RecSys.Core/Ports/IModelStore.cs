using RecSys.Core.Models;

namespace RecSys.Core.Ports;

/// <summary>A store of models: a model is published once, atomically, and never replaced. Its aliases are shared by all nodes.</summary>
/// <remarks>Safe for concurrent use; an adapter passes <c>ModelStoreContract</c> in RecSys.TestKit.</remarks>
public interface IModelStore
{
    /// <summary>Raised with the name after an alias was changed, by this process or another. Handlers must not block.</summary>
    /// <remarks>An announcement can be late, repeated or lost: a reader also reads the alias every few seconds.</remarks>
    event Action<string>? AliasChanged;

    /// <summary>Publishes a model without an alias; durable when the task completes.</summary>
    /// <returns>The card with the fields that the store sets.</returns>
    /// <exception cref="ArgumentException">The lengths of the content's parts do not match.</exception>
    /// <exception cref="InvalidOperationException">A model of this version exists already; the call changed no data.</exception>
    /// <exception cref="StoreUnavailableException">The model could not be written durably; none was published. A file that can be neither made durable nor deleted may remain; the message then says so.</exception>
    ValueTask<ModelCard> PublishAsync(ModelVersion version, ModelContent content, CancellationToken cancellationToken);

    /// <summary>Returns the cards of the models, newest version first. A model whose card cannot be read is left out; <see cref="ListDamagedAsync"/> returns it.</summary>
    /// <exception cref="StoreUnavailableException">The models cannot be listed now.</exception>
    ValueTask<IReadOnlyList<ModelCard>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Returns the models known to be damaged, newest version first: their card cannot be read, or an attempt to open them failed.</summary>
    /// <exception cref="StoreUnavailableException">The models cannot be listed now.</exception>
    ValueTask<IReadOnlyList<DamagedModel>> ListDamagedAsync(CancellationToken cancellationToken);

    /// <summary>Opens a model and checks the whole file. The caller disposes of it.</summary>
    /// <returns>The model, or null if there is no model of this version.</returns>
    /// <exception cref="CorruptModelException">The bytes differ from the published ones.</exception>
    /// <exception cref="StoreUnavailableException">The model cannot be read now.</exception>
    ValueTask<ModelSnapshot?> OpenAsync(ModelVersion version, CancellationToken cancellationToken);

    /// <summary>Returns the version that an alias names, or null if it is not set.</summary>
    /// <exception cref="ArgumentException">There is no such alias.</exception>
    /// <exception cref="CorruptModelException">The alias is set and does not contain a version.</exception>
    /// <exception cref="StoreUnavailableException">The alias cannot be read now.</exception>
    ValueTask<ModelVersion?> GetAliasAsync(string name, CancellationToken cancellationToken);

    /// <summary>Sets or removes an alias of a model, atomically and durably.</summary>
    /// <returns>False if there is no model of this version; the call changed no data.</returns>
    /// <exception cref="ArgumentException">There is no such alias.</exception>
    /// <exception cref="StoreUnavailableException">The alias could not be written.</exception>
    ValueTask<bool> SetAliasAsync(string name, ModelVersion? version, CancellationToken cancellationToken);

    /// <summary>Sets or removes an alias if it still names a given model, atomically and durably.</summary>
    /// <param name="name">Name of the alias.</param>
    /// <param name="current">The model that the alias has to name; null if it has to name none or be damaged.</param>
    /// <param name="version">The new model, which exists; null removes the alias.</param>
    /// <param name="cancellationToken">Cancels the waiting, not a change that has begun.</param>
    /// <returns>False, and no change, if the alias names another model, because it was changed meanwhile, or if there is no model of the new version.</returns>
    /// <exception cref="ArgumentException">There is no such alias.</exception>
    /// <exception cref="StoreUnavailableException">The alias could not be written, or the outcome is unknown.</exception>
    ValueTask<bool> TryReplaceAliasAsync(string name, ModelVersion? current, ModelVersion? version, CancellationToken cancellationToken);

    /// <summary>Deletes all models except the newest ones and those that an alias names.</summary>
    /// <param name="keep">Number of newest models to keep, 1 or more.</param>
    /// <param name="cancellationToken">Cancels the deletion.</param>
    /// <returns>The number of deleted models.</returns>
    /// <exception cref="StoreUnavailableException">The models or an alias cannot be read now; no model was deleted.</exception>
    ValueTask<int> DeleteOldAsync(int keep, CancellationToken cancellationToken);
}
