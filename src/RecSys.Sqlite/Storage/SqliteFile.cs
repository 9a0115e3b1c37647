using RecSys.Core.Ports;

namespace RecSys.Sqlite.Storage;

/// <summary>A file while it is in use: each later connection must open the same file as the first.</summary>
/// <remarks>
/// A folder may be renamed under a running server and replaced by another. Without this check, a reopened connection
/// would write to the other installation, or create an empty file. Safe for concurrent use.
/// </remarks>
internal sealed class SqliteFile(string path, SqliteFormat format)
{
    private readonly Lock _gate = new();
    private FileIdentity? _identity;
    private bool _isOpened;

    public string Path => path;

    /// <summary>Opens the file for writing; the first call creates it if it is missing.</summary>
    /// <exception cref="StoreUnavailableException">The file cannot be opened now, or is not the one that was opened first.</exception>
    public SqliteDatabase OpenWriter()
    {
        lock (_gate)
        {
            Require();
            SqliteDatabase database = SqliteDatabase.OpenWriter(path, format);
            _identity ??= FileIdentity.Of(path);
            _isOpened = true;
            return database;
        }
    }

    /// <summary>Opens the file for reading, after a writer has opened it.</summary>
    /// <exception cref="StoreUnavailableException">The file cannot be opened now, or is not the one that was opened first.</exception>
    public SqliteDatabase OpenReader()
    {
        Require();
        return SqliteDatabase.OpenReader(path);
    }

    private void Require()
    {
        if (!_isOpened)
        {
            return;
        }

        bool isThere = File.Exists(path);
        if (!isThere || (_identity is { } identity && FileIdentity.Of(path) is { } now && now != identity))
        {
            throw new StoreUnavailableException(
                $"{path} {(isThere ? "is another file than the one that" : "is missing: it")} was opened at the start: stop the server, restore the file, and start it again");
        }
    }
}
