using Microsoft.Extensions.Logging;
using RecSys.Core.Diagnostics;
using RecSys.Core.Ports;
using RecSys.Sqlite;

namespace RecSys.Cli.Hosting;

/// <summary>The files of models that this installation has published, and of the aliases it has set. The log remembers them, so that one that is gone is noticed.</summary>
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

    /// <summary>Takes what the log remembers, and the files that are there.</summary>
    public PublishedModels(InstallationFiles files, SqliteInteractionLog log, TimeProvider time, ILogger<PublishedModels> logger)
    {
        _files = files;
        _log = log;
        _time = time;
        _logger = logger;
        _saved = SqliteInstallation.InspectLog(files.Log).Models;

        // A file that is not remembered was published just before a crash, or after the copy of the log that was put back.
        string[] known = [.. (_saved ?? []).Union(files.ModelFiles().Select(path => Path.GetFileName(path)))];
        _names = _saved is { } saved && saved.Count == known.Length ? saved : known;
    }

    /// <summary>Returns the files among these that are not in the folder, in the order of their names.</summary>
    public static string[] Gone(InstallationFiles files, IEnumerable<string> names) =>
        [.. names.Where(name => !File.Exists(Path.Combine(files.Models, name))).Order(StringComparer.Ordinal)];

    /// <summary>Remembers the files that are there now, in the place of those before; those among them that are gone are logged first.</summary>
    /// <param name="names">Names of files.</param>
    public async ValueTask RememberAsync(IReadOnlyCollection<string> names)
    {
        ReportGone();
        Volatile.Write(ref _names, names);
        await SaveAsync().ConfigureAwait(false);
    }

    /// <summary>Makes the log remember the files, unless it does. A failure is logged; the next call tries again.</summary>
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

    /// <summary>Logs the files that are gone, once for each set of them.</summary>
    public void ReportGone()
    {
        string[] gone = Gone(_files, Volatile.Read(ref _names));
        lock (_reporting)
        {
            if (gone.SequenceEqual(_reported))
            {
                return;
            }

            _reported = gone;
        }

        if (gone.Length > 0)
        {
            LogGone(_logger, _files.Models, string.Join(", ", gone));
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "models that were published are gone from {Folder}: {Files}; put them back from a backup, or make new ones: recsys train")]
    private static partial void LogGone(ILogger logger, string folder, string files);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the log does not remember which models were published; it is tried again ({LeftOut} more failures since the last such line)")]
    private static partial void LogNotRemembered(ILogger logger, Exception cause, long leftOut);
}
