using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Npgsql;

namespace RecSys.Postgres;

/// <summary>Address of a database: <c>postgres://USER@HOST:PORT/DATABASE</c>; it contains no password.</summary>
public sealed class PostgresUrl
{
    private const int DefaultPort = 5432;
    private const string Shape = "postgres://USER@HOST:PORT/DATABASE";

    private static readonly Dictionary<string, SslMode> SslModes = new(StringComparer.Ordinal)
    {
        ["disable"] = SslMode.Disable,
        ["prefer"] = SslMode.Prefer,
        ["require"] = SslMode.Require,
        ["verify-ca"] = SslMode.VerifyCA,
        ["verify-full"] = SslMode.VerifyFull,
    };

    private readonly SslMode _sslMode;

    private PostgresUrl(string user, string host, int port, string database, SslMode sslMode)
    {
        (User, Host, Port, Database, _sslMode) = (user, host, port, database, sslMode);
    }

    /// <summary>Gets the user.</summary>
    public string User { get; }

    /// <summary>Gets the host.</summary>
    public string Host { get; }

    /// <summary>Gets the port.</summary>
    public int Port { get; }

    /// <summary>Gets the name of the database.</summary>
    public string Database { get; }

    /// <summary>Returns whether a text has the scheme of a database's address.</summary>
    public static bool HasScheme(string? text) =>
        text is not null && (text.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase));

    /// <summary>Reads an address.</summary>
    /// <param name="text">Text to read, such as <c>postgres://USER@HOST:PORT/DATABASE</c>.</param>
    /// <param name="url">Receives the address if the text is one.</param>
    /// <param name="problem">What is wrong with the text and what to write instead; it does not contain the text, which may have a password.</param>
    /// <returns>False if it is not an address, or contains a password.</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out PostgresUrl? url, [NotNullWhen(false)] out string? problem)
    {
        url = null;
        problem = null;
        if (!HasScheme(text) || !Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) || uri.Host.Length == 0)
        {
            problem = $"must be {Shape}";
            return false;
        }

        string database = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/'));
        SslMode sslMode = SslMode.Prefer;
        if (uri.UserInfo.Contains(':', StringComparison.Ordinal))
        {
            problem = "must not contain a password, which lists of processes and logs would show: set PGPASSWORD, a .pgpass file or recsys:postgres:password";
        }
        else if (uri.UserInfo.Length == 0)
        {
            problem = $"names no user: {Shape}";
        }
        else if (database.Length == 0 || database.Contains('/', StringComparison.Ordinal))
        {
            problem = $"names no database: {Shape}";
        }
        else if (uri.Fragment.Length > 0)
        {
            problem = $"has a part after '#': {Shape}";
        }
        else if (uri.Query.Length > 0 && !TryReadSslMode(uri.Query, out sslMode))
        {
            problem = $"takes one parameter, ?sslmode=, with one of {string.Join(", ", SslModes.Keys)}";
        }

        if (problem is not null)
        {
            return false;
        }

        url = new PostgresUrl(Uri.UnescapeDataString(uri.UserInfo), uri.Host.Trim('[', ']'), uri.IsDefaultPort || uri.Port <= 0 ? DefaultPort : uri.Port, database, sslMode);
        return true;
    }

    /// <summary>Returns the address without the TLS mode.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"postgres://{Uri.EscapeDataString(User)}@{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}/{Uri.EscapeDataString(Database)}");

    internal NpgsqlConnectionStringBuilder ToConnectionString() => new()
    {
        Host = Host,
        Port = Port,
        Username = User,
        Database = Database,
        SslMode = _sslMode,
    };

    private static bool TryReadSslMode(string query, out SslMode mode)
    {
        mode = default;
        return query[1..].Split('=') is ["sslmode", string name] && SslModes.TryGetValue(name, out mode);
    }
}
