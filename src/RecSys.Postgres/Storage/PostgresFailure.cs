using System.Net.Sockets;
using Npgsql;
using Polly.Retry;
using RecSys.Core.Ports;

namespace RecSys.Postgres.Storage;

/// <summary>Kinds of failures of a call.</summary>
internal static class PostgresFailure
{
    /// <summary>Number of times that a call is repeated after it lost a lock to another.</summary>
    private const int RetriesMax = 10;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(5);

    /// <summary>Returns whether the database, not the call, is the cause; a statement that is refused for its values is the call's fault.</summary>
    public static bool IsUnavailable(Exception? error) => error switch
    {
        PostgresException refused => !(IsLostRace(refused) || refused.SqlState[..2] is "21" or "22" or "23"),
        NpgsqlException or SocketException or IOException or TimeoutException => true,
        _ => false,
    };

    /// <summary>Returns whether a statement was refused because of a concurrent one: it had no effect.</summary>
    public static bool IsLostRace(Exception? error) =>
        error is PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure };

    /// <summary>Repeats calls that lost a race, and once a call whose pooled connection was closed by the database.</summary>
    public static RetryStrategyOptions Retries() => new()
    {
        MaxRetryAttempts = RetriesMax,
        Delay = RetryDelay,
        UseJitter = true,
        ShouldHandle = tried => new(
            IsLostRace(tried.Outcome.Exception)
            || (tried.AttemptNumber == 0 && tried.Outcome.Exception is NpgsqlException { IsTransient: true } and not { InnerException: TimeoutException })),
    };

    /// <summary>Returns the port's exception for a failure.</summary>
    public static StoreUnavailableException Of(string place, Exception error)
    {
        string? advice = error switch
        {
            PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } or NpgsqlException { Message: "No password has been provided but the backend requires one (in SASL/SCRAM-SHA-256)" } =>
                "; set PGPASSWORD, a .pgpass file or recsys:postgres:password",
            PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } => "; create it: createdb",
            PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } => "; grant the user CREATE on the database, or make the user the owner of the schema",
            _ => null,
        };
        string text = error is PostgresException refused ? refused.MessageText : (error.InnerException ?? error).Message;
        return new StoreUnavailableException($"{place}: {text.ReplaceLineEndings(" ").TrimEnd('.')}{advice}", error)
        {
            IsFull = error is PostgresException { SqlState: PostgresErrorCodes.DiskFull },
        };
    }
}
