using System.Globalization;
using RecSys.Core.Ports;
using SQLitePCL;

namespace RecSys.Sqlite.Storage;

/// <summary>A connection to a file, for one thread at a time. The file has a write-ahead log; a writer syncs each commit to the disk, and overwrites deleted bytes with zeros.</summary>
internal sealed class SqliteDatabase : IDisposable
{
    private const int BusyTimeoutMs = 5_000;

    // Pages that are copied between two reports of progress.
    private const int CopyPages = 1_024;

    // SQLITE_IOERR_SHMSIZE: there is no space for the index of the write-ahead log; SQLite reports it as an I/O error.
    private const int NoRoomForIndex = 4_874;

    private readonly sqlite3 _handle;

    static SqliteDatabase() => Batteries_V2.Init();

    private SqliteDatabase(string path, sqlite3 handle)
    {
        Path = path;
        _handle = handle;
    }

    public string Path { get; }

    /// <summary>Opens or creates the file and its tables.</summary>
    /// <exception cref="NotSupportedException">A newer program created the file, or it is of another kind.</exception>
    /// <exception cref="StoreUnavailableException">The file cannot be opened now.</exception>
    public static SqliteDatabase OpenWriter(string path, SqliteFormat format)
    {
        Make(path);
        SqliteDatabase database = OpenHandle(path, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE);
        try
        {
            database.Run(string.Create(CultureInfo.InvariantCulture, $"PRAGMA page_size={format.PageBytes}"));
            database.Run("PRAGMA secure_delete=ON");
            format.Check(database);
            database.Run("PRAGMA journal_mode=WAL");
            database.Run("PRAGMA synchronous=FULL");
            database.Run(string.Create(CultureInfo.InvariantCulture, $"PRAGMA wal_autocheckpoint={format.CheckpointBytes / format.PageBytes}"));
            database.Run("PRAGMA cache_size=-16384");
            format.Create(database);
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Opens a file that a writer has created.</summary>
    /// <exception cref="StoreUnavailableException">The file cannot be opened now.</exception>
    public static SqliteDatabase OpenReader(string path)
    {
        SqliteDatabase database = OpenHandle(path, raw.SQLITE_OPEN_READWRITE);
        try
        {
            database.Run("PRAGMA query_only=ON");
            database.Run("PRAGMA cache_size=-4096");
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Creates an empty file as the target of a copy.</summary>
    /// <exception cref="StoreUnavailableException">The file cannot be created.</exception>
    public static SqliteDatabase OpenCopy(string path)
    {
        Make(path);
        return OpenHandle(path, raw.SQLITE_OPEN_READWRITE);
    }

    /// <summary>Copies all pages of this file, as of one moment, into another.</summary>
    public void CopyTo(SqliteDatabase target, Action<double> progress, CancellationToken cancellationToken)
    {
        // One transaction for the whole copy: without it, each commit of another connection restarts the copying.
        Run("BEGIN");
        using (SqliteStatement first = Prepare("SELECT count(*) FROM sqlite_schema"))
        {
            first.Step();
        }

        using sqlite3_backup backup = raw.sqlite3_backup_init(target._handle, "main", _handle, "main");
        if (backup.IsInvalid)
        {
            target.Check(raw.sqlite3_errcode(target._handle));
        }

        int code;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            code = raw.sqlite3_backup_step(backup, CopyPages);
            target.Check(code);
            int total = raw.sqlite3_backup_pagecount(backup);
            progress(total == 0 ? 1 : 1 - ((double)raw.sqlite3_backup_remaining(backup) / total));
        }
        while (code != raw.SQLITE_DONE);

        target.Check(raw.sqlite3_backup_finish(backup));
        Run("COMMIT");
    }

    public SqliteStatement Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v3(_handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out sqlite3_stmt statement));
        return new SqliteStatement(this, statement);
    }

    public void Run(string sql) => Check(raw.sqlite3_exec(_handle, sql));

    /// <summary>Opens the bytes of one row for reading and overwriting in place, so that the main file keeps no old copy of overwritten bytes.</summary>
    public SqliteBlob OpenBlob(string table, long rowId)
    {
        Check(raw.sqlite3_blob_open(_handle, "main", table, "bytes", rowId, 1, out sqlite3_blob blob));
        return new SqliteBlob(this, blob);
    }

    public bool IsInTransaction => raw.sqlite3_get_autocommit(_handle) == 0;

    /// <summary>Runs <paramref name="work"/> as one durable transaction.</summary>
    public void Transact(Action work)
    {
        Run("BEGIN IMMEDIATE");
        try
        {
            work();
            Run("COMMIT");
        }
        finally
        {
            if (IsInTransaction)
            {
                raw.sqlite3_exec(_handle, "ROLLBACK");
            }
        }
    }

    /// <summary>Writes all commits to the main file and empties the write-ahead log, so that neither contains overwritten bytes.</summary>
    /// <exception cref="StoreUnavailableException">Readers blocked it for too long.</exception>
    public void TruncateWriteAheadLog()
    {
        using SqliteStatement checkpoint = Prepare("PRAGMA wal_checkpoint(TRUNCATE)");
        if (checkpoint.Step() && checkpoint.Integer(0) == 0)
        {
            return;
        }

        throw new StoreUnavailableException($"{Path}: readers keep the write-ahead log from being emptied");
    }

    public void Check(int code)
    {
        if (code is raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE)
        {
            return;
        }

        int extended = raw.sqlite3_extended_errcode(_handle);
        bool isFull = (code & 0xff) == raw.SQLITE_FULL || extended == NoRoomForIndex;
        string message = isFull
            ? $"{Path}: the disk is full (SQLite {extended})"
            : $"{Path}: {raw.sqlite3_errmsg(_handle).utf8_to_string()} (SQLite {extended})";
        throw (code & 0xff) switch
        {
            raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => new InvalidDataException(message),
            raw.SQLITE_ERROR or raw.SQLITE_MISUSE or raw.SQLITE_RANGE or raw.SQLITE_MISMATCH or raw.SQLITE_CONSTRAINT =>
                new InvalidOperationException(message),
            _ => new StoreUnavailableException(message) { IsFull = isFull },
        };
    }

    public void Dispose() => raw.sqlite3_close_v2(_handle);

    // The files contain personal data: only their owner may read them. The write-ahead log gets the permissions of the file.
    private static void Make(string path)
    {
        try
        {
            if (System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
            {
                if (OperatingSystem.IsWindows())
                {
                    Directory.CreateDirectory(folder);
                }
                else
                {
                    Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                }
            }

            if (!File.Exists(path))
            {
                FileStreamOptions options = new() { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.ReadWrite };
                if (!OperatingSystem.IsWindows())
                {
                    options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
                }

                new FileStream(path, options).Dispose();
            }
        }
        catch (Exception reason) when (reason is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException($"{path}: {reason.Message}", reason);
        }
    }

    private static SqliteDatabase OpenHandle(string path, int flags)
    {
        int code = raw.sqlite3_open_v2(path, out sqlite3 handle, flags | raw.SQLITE_OPEN_NOMUTEX, null);
        SqliteDatabase database = new(path, handle);
        try
        {
            database.Check(code);
            database.Check(raw.sqlite3_busy_timeout(handle, BusyTimeoutMs));
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }
}
