using RecSys.Sqlite.Log;

namespace RecSys.Sqlite;

public sealed partial class SqliteInteractionLog
{
    /// <summary>Stores the names of the models' files, which replace the previous ones; durable when the task completes.</summary>
    /// <param name="files">Names without a folder.</param>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    /// <exception cref="RecSys.Core.Ports.StoreUnavailableException">The file cannot be written now.</exception>
    /// <exception cref="RecSys.Core.Ports.OverloadedException">Too many jobs wait for the file.</exception>
    public async ValueTask RememberModelsAsync(IReadOnlyCollection<string> files, CancellationToken cancellationToken) =>
        await RunAsync(database => database.Transact(() => FilesBeside.SaveModels(database, files)), cancellationToken).ConfigureAwait(false);

    /// <summary>Stores the end of the impression log, which replaces the previous one; durable when the task completes.</summary>
    /// <param name="end">An end that is durable in the impression log.</param>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    /// <exception cref="RecSys.Core.Ports.StoreUnavailableException">The file cannot be written now.</exception>
    /// <exception cref="RecSys.Core.Ports.OverloadedException">Too many jobs wait for the file.</exception>
    public async ValueTask RememberSlatesAsync(SlatePosition end, CancellationToken cancellationToken) =>
        await RunAsync(database => database.Transact(() => FilesBeside.SaveSlates(database, end)), cancellationToken).ConfigureAwait(false);
}
