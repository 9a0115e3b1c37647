using Microsoft.Extensions.Logging;
using RecSys.Core.Diagnostics;
using RecSys.Core.Ports;
using RecSys.Sqlite;

namespace RecSys.Cli.Hosting;

/// <summary>The files of models that this installation has published, and of the aliases it has set. The log remembers them, so that a missing one is detected.</summary>
/// <remarks>Safe for concurrent use. See docs/decisions/0026-the-log-remembers-the-files-beside-it.md.</remarks>
internal sealed partial class PublishedModels : IDisposable
{
    private readonly InstallationFiles _files;
    private readonly SqliteInteractionLog _log;
    private readonly TimeProvider _time;
    private readonly ILogger<PublishedModels> _logger;
    private readonly LogLimiter _notRemembered = new();
    private readonly SemaphoreSlim _saving = new(1, 1);
    private readonly Lock _reporting = new();
    private IReadOnlyCollection<string> _names;
    private IReadOnlyCollection<string>? _saved;
    private string[] _reported = [];

    /// <summary>Reads the names that the log remembers, and those of the existing files.</summary>
    public PublishedModels(InstallationFiles files, SqliteInteractionLog log, TimeProvider time, ILogger<PublishedModels> logger)
    {
        _files = files;
        _log = log;
        _time = time;
        _logger = logger;
        _saved = SqliteInstallation.InspectLog(files.Log).Models;

        // A file that is not remembered was published just before a crash, or after the restored copy of the log was made.
        string[] known = [.. (_saved ?? []).Union(files.ModelFiles().Select(path => Path.GetFileName(path)))];
        _names = _saved is { } saved && saved.Count == known.Length ? saved : known;
    }

    /// <summary>Returns the files among these that are not in the folder, in the order of their names.</summary>
    public static string[] Missing(InstallationFiles files, IEnumerable<string> names) =>
        [.. names.Where(name => !File.Exists(Path.Combine(files.Models, name))).Order(StringComparer.Ordinal)];

    /// <summary>Saves the names of the existing files, which replace the previous ones; missing ones are logged first.</summary>
    /// <param name="names">Names of files.</param>
    public async ValueTask RememberAsync(IReadOnlyCollection<string> names)
    {
        ReportMissing();
        Volatile.Write(ref _names, names);
        await SaveAsync().ConfigureAwait(false);
    }

    /// <summary>Saves the names in the log, unless they are saved. A failure is logged; the next call retries.</summary>
    public async ValueTask SaveAsync()
    {
        await _saving.WaitAsync().ConfigureAwait(false);
        try
        {
            IReadOnlyCollection<string> names = Volatile.Read(ref _names);
            if (ReferenceEquals(names, _saved))
            {
                return;
            }

            await _log.RememberModelsAsync(names, CancellationToken.None).ConfigureAwait(false);
            _saved = names;
        }
        catch (Exception error) when (error is StoreUnavailableException or OverloadedException or InvalidDataException or InvalidOperationException)
        {
            // InvalidOperationException: the log is closed, or its tables were changed.
            if (_notRemembered.TryPass(_time, out long leftOut))
            {
                LogNotRemembered(_logger, error, leftOut);
            }
        }
        finally
        {
            _saving.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _saving.Dispose();

    /// <summary>Logs the missing files, once for each set of them.</summary>
    public void ReportMissing()
    {
        string[] missing = Missing(_files, Volatile.Read(ref _names));
        lock (_reporting)
        {
            if (missing.SequenceEqual(_reported))
            {
                return;
            }

            _reported = missing;
        }

        if (missing.Length > 0)
        {
            LogMissing(_logger, _files.Models, string.Join(", ", missing));
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "published models are missing from {Folder}: {Files}; restore them from a backup, or train a new model: recsys train")]
    private static partial void LogMissing(ILogger logger, string folder, string files);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the names of the published models are not saved in the log; the save is retried ({LeftOut} more failures since the last such line)")]
    private static partial void LogNotRemembered(ILogger logger, Exception cause, long leftOut);
}
