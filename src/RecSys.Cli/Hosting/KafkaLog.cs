using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RecSys.Core.Diagnostics;
using RecSys.Core.Ports;
using RecSys.Files;
using RecSys.Kafka;
using RecSys.Sqlite;

namespace RecSys.Cli.Hosting;

/// <summary>The log of an installation on Kafka instead of <c>log.db</c>, which then contains no records, but the owner key and what is remembered of the files beside it.</summary>
/// <param name="address">Addresses of the brokers.</param>
/// <param name="options">The topic, and the limits.</param>
internal sealed class KafkaLog(KafkaAddress address, KafkaLogOptions options)
{
    private const string Check = "log";

    /// <summary>Key of the topic's identity in the control store that nodes share.</summary>
    private const string IdentityKey = "log/topic";

    /// <summary>Returns the log of a configuration; null if it is in the data folder.</summary>
    /// <exception cref="CommandException">The address is invalid.</exception>
    public static KafkaLog? Of(IConfiguration configuration)
    {
        KafkaLogOptions options = new();
        configuration.GetSection(KafkaLogOptions.Section).Bind(options);
        return options.Url is not { Length: > 0 } ? null
            : KafkaAddress.TryParse(options.Url, out KafkaAddress? address, out string? problem) ? new KafkaLog(address, options)
            : throw new CommandException($"{KafkaLogOptions.Section}:url {problem}", ExitCodes.WrongUsage);
    }

    /// <summary>Checks that the data folder has the kind of log that the configuration names.</summary>
    /// <param name="files">The files of the data folder.</param>
    /// <param name="log">The report on <c>log.db</c>.</param>
    /// <param name="kafka">The log on Kafka; null if it is in the data folder.</param>
    /// <exception cref="CommandException">The folder's log is of the other kind.</exception>
    public static void RequireKind(InstallationFiles files, SqliteFileReport log, KafkaLog? kafka)
    {
        if (kafka is not null && log.LogEnd > 0)
        {
            throw new CommandException(
                $"{files.Log} contains {Terminal.Number(log.LogEnd.Value)} records, which a log on Kafka would hide: serve it without --log, "
                + "or export its data and import it into a new data folder that is served with --log");
        }

        if (kafka is null && File.Exists(files.KafkaLog))
        {
            throw new CommandException(
                $"the log of {files.Folder} is topic {ReadIdentity(files)!.Topic} of Kafka ({files.KafkaLog}): name its brokers with --log kafka://HOST:PORT, "
                + $"or with {KafkaLogOptions.Section}:url in {files.Settings}, which every command reads");
        }
    }

    /// <summary>Opens the log, and stores the topic's identity in a new data folder and in the database that nodes share.</summary>
    /// <param name="files">The files of the data folder.</param>
    /// <param name="logger">Receives the lines of the client library.</param>
    /// <param name="database">The database of the states, whose installation is the one of the data folder: a new node learns from it which topic the others use. Null if there is none.</param>
    /// <exception cref="CommandException">The topic cannot be used; the message has the remedy.</exception>
    public async Task<KafkaInteractionLog> OpenAsync(InstallationFiles files, ILogger logger, PostgresStates? database = null)
    {
        try
        {
            KafkaLogIdentity? own = ReadIdentity(files);
            KafkaLogIdentity? known = own ?? (database is null ? null : await database.UseControlAsync(ReadSharedAsync));
            KafkaInteractionLog log = await KafkaInteractionLog.OpenAsync(address, options, SqliteInstallation.OpenOwnerHash(files.Log), known, TimeProvider.System, logger);
            try
            {
                if (own is null)
                {
                    DurableFiles.Replace(files.KafkaLog, stream => stream.Write(log.Identity.Encode()));
                }

                if (database is not null)
                {
                    await database.UseControlAsync(control => ShareAsync(control, log.Identity));
                }
            }
            catch
            {
                await log.DisposeAsync();
                throw;
            }

            return log;
        }
        catch (ArgumentException error)
        {
            throw new CommandException(error.Message, ExitCodes.WrongUsage);
        }
        catch (Exception error) when (error is StoreUnavailableException or InvalidDataException or NotSupportedException)
        {
            throw new CommandException(error.Message);
        }
    }

    /// <summary>Checks the topic; changes nothing.</summary>
    public async Task<HealthFinding> CheckAsync(InstallationFiles files)
    {
        string place = $"topic {options.Topic} at {address.Servers}";
        try
        {
            KafkaReport report = await KafkaInteractionLog.InspectAsync(address, options, ReadIdentity(files), TimeProvider.System, NullLogger.Instance);
            if (report.Problems is [string problem, ..])
            {
                return new(Check, HealthVerdict.Bad, problem) { Command = "correct the topic or the settings as the finding says" };
            }

            if (report.Ranges is not { } ranges)
            {
                return new(Check, HealthVerdict.Note, $"{place} does not exist yet: the next start of a server creates it");
            }

            string found = $"{place}: {Terminal.Number(ranges.Sum(range => range.End - range.Start))} records in {ranges.Count} partitions, each on {report.Replicas} brokers; "
                + RetentionText(report.Retention!);
            return ranges.Any(range => range.Start > 0)
                ? new(Check, HealthVerdict.Note, $"{found}; the oldest records were removed, so that states and folds cannot be rebuilt from it")
                : !report.Retention!.IsUnlimited
                    ? new(Check, HealthVerdict.Note, $"{found}; then states and folds can no longer be rebuilt from it")
                    : new(Check, HealthVerdict.Good, found);
        }
        catch (Exception error) when (error is StoreUnavailableException or InvalidDataException or NotSupportedException or ArgumentException)
        {
            return new(Check, HealthVerdict.Bad, error.Message) { Command = $"start the brokers, or correct {KafkaLogOptions.Section}" };
        }
    }

    private static string RetentionText(KafkaRetention retention) =>
        retention.IsUnlimited ? "it keeps all records"
        : retention.Time is { } time ? $"it keeps records for {time.TotalDays:0.#} days{(retention.HasSizeLimit ? ", or less, because their size is limited" : "")}"
        : "it keeps records until they exceed its size";

    private static async Task<KafkaLogIdentity?> ReadSharedAsync(IControlStore control) =>
        await control.GetAsync(IdentityKey, CancellationToken.None) is { } row ? KafkaLogIdentity.Decode(row.Value.Span, $"the row {IdentityKey} of the database") : null;

    // The first node's row stays: a node with another topic has another installation, or is refused by the topic's check.
    private static async Task<bool> ShareAsync(IControlStore control, KafkaLogIdentity identity) =>
        await control.GetAsync(IdentityKey, CancellationToken.None) is null
        && await control.TrySetAsync(IdentityKey, version: 0, identity.Encode(), CancellationToken.None) is not null;

    private static KafkaLogIdentity? ReadIdentity(InstallationFiles files) =>
        File.Exists(files.KafkaLog) ? KafkaLogIdentity.Decode(File.ReadAllBytes(files.KafkaLog), files.KafkaLog) : null;
}
