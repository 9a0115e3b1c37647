using RecSys.Core.Ports;

namespace RecSys.Sqlite.Storage;

/// <summary>One file while it is in use: every later connection must find the file that the first one opened.</summary>
/// <remarks>
/// A folder may be renamed under a running server and another put in its place. Without this check a connection that is opened
/// anew would write to that other installation, or make an empty file. Safe for concurrent use.
/// </remarks>
internal sealed class SqliteFile(string path, SqliteFormat format)
{
    private readonly Lock _gate = new();
    private FileIdentity? _identity;
    private bool _isOpened;

    public string Path => path;

    /// <summary>Opens the file for writing; the first time it is made where it is missing.</summary>
    /// <exception cref="StoreUnavailableException">It cannot be opened now, or is not the file that was opened first.</exception>
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

    /// <summary>Opens the file for reading, after a writer has.</summary>
    /// <exception cref="StoreUnavailableException">It cannot be opened now, or is not the file that was opened first.</exception>
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
                $"{path} {(isThere ? "is another file than the one that" : "is gone: it")} was opened at the start: stop the server, put the file back, and start it again");
        }
    }
}
