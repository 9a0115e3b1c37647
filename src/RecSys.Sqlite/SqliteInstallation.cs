using System.Security.Cryptography;
using RecSys.Core;
using RecSys.Core.Ports;
using RecSys.Sqlite.Storage;

namespace RecSys.Sqlite;

/// <summary>What belongs to an installation for good and lives beside its log: the key of its owners.</summary>
public static class SqliteInstallation
{
    private static ReadOnlySpan<byte> KeyName => "owner-key"u8;

    /// <summary>The hash that turns user ids into owners; its key is drawn from the system's secure source when the log is made, and read ever after.</summary>
    /// <param name="logPath">The log's file; it is made if it is missing.</param>
    /// <exception cref="NotSupportedException">A newer program made the file, or it is of another kind.</exception>
    /// <exception cref="InvalidDataException">The key is damaged.</exception>
    /// <exception cref="StoreUnavailableException">The file cannot be opened now.</exception>
    public static OwnerHash OpenOwnerHash(string logPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(logPath);
        using SqliteDatabase database = SqliteDatabase.OpenWriter(logPath, SqliteInteractionLog.Format);
        if (SqliteFormat.TryGetMeta(database, KeyName) is null)
        {
            database.Transact(() => SqliteFormat.SetMeta(database, KeyName, RandomNumberGenerator.GetBytes(OwnerHash.KeySizeBytes)));
        }

        // Read back: of two processes that drew one, the first counts.
        return SqliteFormat.TryGetMeta(database, KeyName) is { Length: OwnerHash.KeySizeBytes } key
            ? new OwnerHash(key)
            : throw new InvalidDataException($"{logPath}: the key of the owners is damaged");
    }
}
