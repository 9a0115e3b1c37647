using Npgsql;
using NpgsqlTypes;

namespace RecSys.Postgres.Storage;

/// <summary>Runs single statements on a connection.</summary>
internal static class PostgresCommands
{
    /// <summary>Returns a parameter of type text.</summary>
    public static NpgsqlParameter<string> Text(string value) => new() { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Text };

    /// <summary>Runs a statement.</summary>
    /// <returns>The number of changed rows; −1 if the statement changes none.</returns>
    public static Task<int> RunAsync(this NpgsqlConnection connection, string sql, CancellationToken cancellationToken) => connection.RunAsync(sql, [], cancellationToken);

    /// <inheritdoc cref="RunAsync(NpgsqlConnection, string, CancellationToken)"/>
    public static async Task<int> RunAsync(this NpgsqlConnection connection, string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        NpgsqlCommand command = Of(connection, sql, parameters);
        await using (command.ConfigureAwait(false))
        {
            return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Runs a query.</summary>
    /// <returns>The first column of the first row; null if there is no row.</returns>
    public static Task<object?> ScalarAsync(this NpgsqlConnection connection, string sql, CancellationToken cancellationToken) => connection.ScalarAsync(sql, [], cancellationToken);

    /// <inheritdoc cref="ScalarAsync(NpgsqlConnection, string, CancellationToken)"/>
    public static async Task<object?> ScalarAsync(this NpgsqlConnection connection, string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        NpgsqlCommand command = Of(connection, sql, parameters);
        await using (command.ConfigureAwait(false))
        {
            return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static NpgsqlCommand Of(NpgsqlConnection connection, string sql, NpgsqlParameter[] parameters)
    {
        NpgsqlCommand command = new(sql, connection);
        command.Parameters.AddRange(parameters);
        return command;
    }
}
