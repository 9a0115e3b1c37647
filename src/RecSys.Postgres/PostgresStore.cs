using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Logging;
using Npgsql;
using Polly;
using Polly.CircuitBreaker;
using RecSys.Core;
using RecSys.Core.Ports;
using RecSys.Postgres.Storage;

namespace RecSys.Postgres;

/// <summary>A database of an installation: its connections, its schema, and one circuit breaker for all calls.</summary>
/// <remarks>
/// A call that is repeated has no further effect, so a call that loses a row's lock to another (deadlock, serialization) or whose connection a restart of the database
/// closed is repeated here. While the database is unavailable, calls fail immediately with <see cref="StoreUnavailableException"/>, and one of them tries it from time to time.
/// Safe for concurrent use.
/// </remarks>
public sealed partial class PostgresStore : IAsyncDisposable
{
    private static readonly TimeSpan CountedFor = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan KeepAliveEvery = TimeSpan.FromSeconds(30);

    private readonly PostgresUrl _url;
    private readonly NpgsqlDataSource _pooled;
    private readonly NpgsqlDataSource _single;
    private readonly ResiliencePipeline _pipeline;
    private readonly SemaphoreSlim _slots;
    private readonly TimeProvider _time;
    private readonly ILogger<PostgresStore> _log;
    private volatile Exception? _failure;

    private PostgresStore(PostgresOptions options, PostgresUrl url, TimeProvider time, ILogger<PostgresStore> log)
    {
        Options = options;
        _url = url;
        _time = time;
        _log = log;
        _slots = new SemaphoreSlim(options.ConnectionsMax);
        NpgsqlConnectionStringBuilder connection = ConnectionOf(options, url);
        connection.MaxPoolSize = options.ConnectionsMax;
        _pooled = SourceOf(connection);
        connection.Pooling = false;
        connection.KeepAlive = (int)KeepAliveEvery.TotalSeconds;
        _single = SourceOf(connection);
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                FailureRatio = 0.5,
                MinimumThroughput = options.CallsBeforeAway,
                SamplingDuration = CountedFor,
                BreakDuration = options.RetryAfter,
                ShouldHandle = outcome => new(PostgresFailure.IsUnavailable(outcome.Outcome.Exception)),
                OnOpened = opened =>
                {
                    LogAway(_url, opened.Outcome.Exception);
                    return default;
                },
                OnClosed = _ =>
                {
                    LogBack(_url);
                    return default;
                },
            })
            .AddRetry(PostgresFailure.Retries())
            .Build();
    }

    /// <summary>Gets the address of the database, without a password.</summary>
    public string Place => _url.ToString();

    internal PostgresOptions Options { get; }

    internal TimeProvider Time => _time;

    /// <summary>Creates the store; the database is first called by <see cref="StartAsync"/>.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static PostgresStore Create(PostgresOptions options, TimeProvider time, ILogger<PostgresStore> log)
    {
        return ProblemOf(options) is { } problem || !PostgresUrl.TryParse(options.Url, out PostgresUrl? url, out problem)
            ? throw new ArgumentException(problem, nameof(options))
            : new PostgresStore(options, url, time, log);
    }

    /// <summary>Returns what is wrong with options, in one line without their values; null if they are valid.</summary>
    public static string? ProblemOf(PostgresOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        List<ValidationResult> problems = [];
        return !PostgresUrl.TryParse(options.Url, out _, out string? problem) ? $"{PostgresOptions.Section}:url {problem}"
            : Validator.TryValidateObject(options, new ValidationContext(options), problems, validateAllProperties: true) ? null
            : $"{PostgresOptions.Section}: {string.Join("; ", problems.Select(found => found.ErrorMessage))}";
    }

    /// <summary>Connects, creates or upgrades the schema, and marks it as this installation's.</summary>
    /// <exception cref="StoreUnavailableException">The database cannot be reached, or refuses the user.</exception>
    /// <exception cref="NotSupportedException">A newer program made the schema, or the server is too old or read-only.</exception>
    /// <exception cref="InvalidDataException">The schema belongs to another installation.</exception>
    public async Task StartAsync(InstallationId installation, CancellationToken cancellationToken)
    {
        try
        {
            NpgsqlConnection connection = await _pooled.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                await PostgresSchema.UpgradeAsync(connection, Place, Options.Schema, installation, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (PostgresFailure.IsUnavailable(error))
        {
            throw PostgresFailure.Of(Place, error);
        }
    }

    /// <summary>Creates or upgrades the schema, and returns the key of the owners that all nodes of the installation have: the first node's.</summary>
    /// <param name="own">The key of this node; null if it has none yet.</param>
    /// <param name="cancellationToken">Cancels the call; the key may be stored.</param>
    /// <exception cref="StoreUnavailableException">The database cannot be reached, or refuses the user.</exception>
    /// <exception cref="NotSupportedException">A newer program made the schema, or the server is too old or read-only.</exception>
    /// <exception cref="InvalidDataException">The schema belongs to an installation whose key is neither in it nor this node's.</exception>
    public async Task<byte[]> ShareOwnerKeyAsync(byte[]? own, CancellationToken cancellationToken)
    {
        try
        {
            NpgsqlConnection connection = await _pooled.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                return await PostgresSchema.ShareOwnerKeyAsync(connection, Place, Options.Schema, own, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (PostgresFailure.IsUnavailable(error))
        {
            throw PostgresFailure.Of(Place, error);
        }
    }

    /// <summary>Reads the condition of the server and of the schema; changes nothing.</summary>
    /// <exception cref="StoreUnavailableException">The database cannot be reached, or refuses the user.</exception>
    public async Task<PostgresReport> InspectAsync(CancellationToken cancellationToken)
    {
        NpgsqlConnection connection = await OpenSessionAsync(cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            try
            {
                return await PostgresSchema.InspectAsync(connection, Options.Schema, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception error) when (PostgresFailure.IsUnavailable(error))
            {
                throw PostgresFailure.Of(Place, error);
            }
        }
    }

    /// <summary>Removes the schema of the options with all its tables, such as that of a benchmark; a missing one is not an error.</summary>
    /// <exception cref="StoreUnavailableException">The database cannot be reached, or refuses it.</exception>
    public async Task DropSchemaAsync(CancellationToken cancellationToken)
    {
        NpgsqlConnection connection = await OpenSessionAsync(cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            try
            {
                await PostgresSchema.DropAsync(connection, Options.Schema, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception error) when (PostgresFailure.IsUnavailable(error))
            {
                throw PostgresFailure.Of(Place, error);
            }
        }
    }

    /// <summary>Closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _pooled.DisposeAsync().ConfigureAwait(false);
        await _single.DisposeAsync().ConfigureAwait(false);
        _slots.Dispose();
    }

    /// <summary>Runs a call that may be repeated.</summary>
    /// <exception cref="StoreUnavailableException">The database cannot be reached; the outcome of the call is unknown.</exception>
    internal async Task<T> RunAsync<T>(string call, Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        long began = _time.GetTimestamp();
        bool isDone = false;
        try
        {
            T result = await _pipeline.ExecuteAsync(
                static async (run, token) =>
                {
                    NpgsqlConnection connection = await run.Source.OpenConnectionAsync(token).ConfigureAwait(false);
                    await using (connection.ConfigureAwait(false))
                    {
                        return await run.Work(connection, token).ConfigureAwait(false);
                    }
                },
                (Source: _pooled, Work: work),
                cancellationToken).ConfigureAwait(false);
            isDone = true;
            return result;
        }
        catch (BrokenCircuitException)
        {
            throw new StoreUnavailableException($"{Place} does not answer and is tried again after {nameof(PostgresOptions.RetryAfter)} = {Options.RetryAfter}: {_failure?.Message}", _failure);
        }
        catch (Exception error) when (PostgresFailure.IsUnavailable(error) || PostgresFailure.IsLostRace(error))
        {
            _failure = error;
            throw PostgresFailure.Of(Place, error);
        }
        finally
        {
            _slots.Release();
            PostgresMeter.Call(call, _time.GetElapsedTime(began), isDone);
        }
    }

    /// <summary>Opens a connection outside the pool, which is closed when it is disposed of: for locks of a session and for notifications.</summary>
    /// <exception cref="StoreUnavailableException">The database cannot be reached.</exception>
    internal async Task<NpgsqlConnection> OpenSessionAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _single.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (PostgresFailure.IsUnavailable(error))
        {
            throw PostgresFailure.Of(Place, error);
        }
    }

    private static NpgsqlConnectionStringBuilder ConnectionOf(PostgresOptions options, PostgresUrl url)
    {
        NpgsqlConnectionStringBuilder connection = url.ToConnectionString();
        if (options.Password is { Length: > 0 } password)
        {
            connection.Password = password;
        }

        connection.ApplicationName = "recsys";
        connection.SearchPath = options.Schema;
        connection.Timeout = (int)Math.Ceiling(options.ConnectTimeout.TotalSeconds);
        connection.CommandTimeout = (int)Math.Ceiling(options.CommandTimeout.TotalSeconds);
        connection.Enlist = false;
        connection.MaxAutoPrepare = 20;
        connection.AutoPrepareMinUsages = 2;
        return connection;
    }

    // A save is acknowledged only when it is durable, also where the database's default is not to wait for its disk.
    private static NpgsqlDataSource SourceOf(NpgsqlConnectionStringBuilder connection)
    {
        const string Durable = "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";
        NpgsqlDataSourceBuilder builder = new(connection.ConnectionString);
        builder.UsePhysicalConnectionInitializer(
            opened =>
            {
                using NpgsqlCommand set = new(Durable, opened);
                set.ExecuteNonQuery();
            },
            opened => opened.RunAsync(Durable, CancellationToken.None));
        return builder.Build();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Place} does not answer: states in memory are served and saved later, others cannot be loaded")]
    private partial void LogAway(PostgresUrl place, Exception? cause);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Place} answers again")]
    private partial void LogBack(PostgresUrl place);
}
