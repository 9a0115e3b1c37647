using System.Diagnostics;
using System.Runtime.InteropServices;
using RecSys.Core.Ports;

namespace RecSys.Sqlite.Storage;

/// <summary>What waits to be written, and what it counts against the queue's limits.</summary>
internal interface IQueued
{
    int Records { get; }

    long Bytes { get; }
}

/// <summary>What a <see cref="GroupWriter{T}"/> does with its groups; called on its thread alone.</summary>
internal interface IGroupHandler<T>
{
    /// <summary>A connection was opened: at first, and anew after a failure.</summary>
    void Opened(SqliteDatabase database);

    /// <summary>Writes a group inside a transaction.</summary>
    void Write(ReadOnlySpan<T> group);

    /// <summary>The group is durable.</summary>
    void Committed(ReadOnlySpan<T> group);

    /// <summary>It is unknown whether the group is durable.</summary>
    void Failed(ReadOnlySpan<T> group, Exception reason);

    /// <summary>The connection is about to be closed: statements go.</summary>
    void Closing();
}

/// <summary>The one thread and connection that write to a file. What waits while a commit syncs makes up the next group.</summary>
/// <remarks>After a failure the connection is opened anew, since what it believes of the file may no longer be so.</remarks>
internal sealed class GroupWriter<T> : IAsyncDisposable
    where T : class, IQueued
{
    private const int JobsMax = 64;

    private readonly SqliteFile _file;
    private readonly string _kind;
    private readonly IGroupHandler<T> _handler;
    private readonly int _recordsMax;
    private readonly long _bytesMax;
    private readonly TimeSpan _gather;
    private readonly object _gate = new();
    private readonly Queue<Action> _jobs = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<T> _waiting = [];
    private List<T> _group = [];
    private long _records;
    private long _bytes;
    private bool _isStopping;
    private SqliteDatabase? _database;

    /// <param name="file">The file.</param>
    /// <param name="kind">What it holds, for the metrics.</param>
    /// <param name="handler">What is done with groups.</param>
    /// <param name="recordsMax">The most records that wait or are being written.</param>
    /// <param name="bytesMax">The most bytes of them.</param>
    /// <param name="gather">How long a group gathers after its first item, unless the queue is half full or a job comes; zero: not at all.</param>
    public GroupWriter(
        SqliteFile file, string kind, IGroupHandler<T> handler, int recordsMax, long bytesMax, TimeSpan gather = default)
    {
        _gather = gather;
        _file = file;
        _kind = kind;
        _handler = handler;
        _recordsMax = recordsMax;
        _bytesMax = bytesMax;
    }

    /// <summary>Opens the file on the caller's thread, so that what is wrong with it is heard at once, and begins.</summary>
    public void Start(string name)
    {
        Open();
        new Thread(Loop) { Name = name, IsBackground = true }.Start();
    }

    /// <summary>Queues an item; false, and nothing done, if the queue's records or bytes are at their limit.</summary>
    public bool TryAdd(T item)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isStopping, this);
            if (_records + item.Records > _recordsMax || _bytes + item.Bytes > _bytesMax)
            {
                return false;
            }

            _records += item.Records;
            _bytes += item.Bytes;
            _waiting.Add(item);
            if (_waiting.Count == 1 || (_gather > TimeSpan.Zero && IsHalfFull))
            {
                Monitor.Pulse(_gate);
            }

            return true;
        }
    }

    /// <summary>Runs work on the writer's connection after the group that is being written; it makes its own transactions.</summary>
    /// <exception cref="OverloadedException">Too much work waits.</exception>
    public Task<TResult> RunAsync<TResult>(Func<SqliteDatabase, TResult> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TaskCompletionSource<TResult> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isStopping, this);
            if (_jobs.Count == JobsMax)
            {
                throw new OverloadedException($"{_file.Path}: {JobsMax} jobs wait");
            }

            _jobs.Enqueue(RunJob);
            Monitor.Pulse(_gate);
        }

        return done.Task.WaitAsync(cancellationToken);

        void RunJob()
        {
            TResult result;
            try
            {
                result = work(Open());
            }
            catch (Exception reason)
            {
                Close();
                done.SetException(reason);
                return;
            }

            done.SetResult(result);
        }
    }

    /// <summary>Writes what waits, and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isStopping = true;
            Monitor.Pulse(_gate);
        }

        await _stopped.Task.ConfigureAwait(false);
    }

    private bool IsHalfFull => _records * 2 >= _recordsMax || _bytes * 2 >= _bytesMax;

    private void Loop()
    {
        while (true)
        {
            Action? job;
            lock (_gate)
            {
                while (_waiting.Count == 0 && _jobs.Count == 0 && !_isStopping)
                {
                    Monitor.Wait(_gate);
                }

                if (_gather > TimeSpan.Zero && _jobs.Count == 0 && !_isStopping && !IsHalfFull)
                {
                    Monitor.Wait(_gate, _gather);
                }

                (_waiting, _group) = (_group, _waiting);
                _jobs.TryDequeue(out job);
            }

            if (_group.Count == 0 && job is null)
            {
                break;
            }

            WriteGroup();
            job?.Invoke();
        }

        Close();
        _stopped.SetResult();
    }

    private void WriteGroup()
    {
        if (_group.Count == 0)
        {
            return;
        }

        ReadOnlySpan<T> group = CollectionsMarshal.AsSpan(_group);
        Exception? failure = null;
        long began = Stopwatch.GetTimestamp();
        try
        {
            Commit(Open());
        }
        catch (Exception reason)
        {
            failure = reason;
            Close();
        }

        long records = 0;
        long bytes = 0;
        foreach (T item in group)
        {
            records += item.Records;
            bytes += item.Bytes;
        }

        SqliteMeter.Group(_kind, records, Stopwatch.GetElapsedTime(began), isCommitted: failure is null);

        // The room is free before the waiters hear of it, so that who tries again at once is not refused.
        lock (_gate)
        {
            _records -= records;
            _bytes -= bytes;
        }

        if (failure is null)
        {
            _handler.Committed(group);
        }
        else
        {
            _handler.Failed(group, failure);
        }

        _group.Clear();
    }

    private void Commit(SqliteDatabase database) =>
        database.Transact(() => _handler.Write(CollectionsMarshal.AsSpan(_group)));

    private SqliteDatabase Open()
    {
        if (_database is null)
        {
            SqliteDatabase database = _file.OpenWriter();
            _database = database;
            try
            {
                _handler.Opened(database);
            }
            catch
            {
                Close();
                throw;
            }
        }

        return _database;
    }

    private void Close()
    {
        if (_database is { } database)
        {
            _database = null;
            _handler.Closing();
            database.Dispose();
        }
    }
}
