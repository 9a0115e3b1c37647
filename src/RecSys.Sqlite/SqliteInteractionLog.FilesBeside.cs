using RecSys.Sqlite.Log;

namespace RecSys.Sqlite;

public sealed partial class SqliteInteractionLog
{
    /// <summary>Remembers the names of the models' files, in the place of those before; durable when done.</summary>
    /// <param name="files">Names without a folder.</param>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    /// <exception cref="RecSys.Core.Ports.StoreUnavailableException">The file cannot be written now.</exception>
    /// <exception cref="RecSys.Core.Ports.OverloadedException">Too many jobs wait for the file.</exception>
    public async ValueTask RememberModelsAsync(IReadOnlyCollection<string> files, CancellationToken cancellationToken) =>
        await _writer.RunAsync(
            database =>
            {
                database.Transact(() => FilesBeside.SaveModels(database, files));
                return true;
            },
            cancellationToken).ConfigureAwait(false);

    /// <summary>Remembers the end of the impression log, in the place of the one before; durable when done.</summary>
    /// <param name="end">An end that is durable in the impression log.</param>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    /// <exception cref="RecSys.Core.Ports.StoreUnavailableException">The file cannot be written now.</exception>
    /// <exception cref="RecSys.Core.Ports.OverloadedException">Too many jobs wait for the file.</exception>
    public async ValueTask RememberSlatesAsync(SlatePosition end, CancellationToken cancellationToken) =>
        await _writer.RunAsync(
            database =>
            {
                database.Transact(() => FilesBeside.SaveSlates(database, end));
                return true;
            },
            cancellationToken).ConfigureAwait(false);
}
