using System.Diagnostics;
using System.Runtime.InteropServices;
using RecSys.Core.Ports;

namespace RecSys.Sqlite.Storage;

/// <summary>An item of a write queue, and its size against the queue's limits.</summary>
internal interface IQueued
{
    int Records { get; }

    long Bytes { get; }
}

/// <summary>Writes the groups of a <see cref="GroupWriter{T}"/>; called on its thread only.</summary>
internal interface IGroupHandler<T>
{
    /// <summary>Called when a connection was opened: at the start, and after a failure.</summary>
    void Opened(SqliteDatabase database);

    /// <summary>Writes a group inside a transaction.</summary>
    void Write(ReadOnlySpan<T> group);

    /// <summary>Called when the group is durable.</summary>
    void Committed(ReadOnlySpan<T> group);

    /// <summary>Called when the group may not be durable.</summary>
    void Failed(ReadOnlySpan<T> group, Exception reason);

    /// <summary>Called before the connection is closed; disposes of the statements.</summary>
    void Closing();
}

/// <summary>The single thread and connection that write to a file. Items that are queued while a commit syncs form the next group.</summary>
/// <remarks>
/// It groups whatever its callers queue, so that they share a sync; a failed commit fails the whole group, and isolating a bad row is the task of the callers
/// (for states, of SaveGroups in RecSys.Actors; docs/decisions/0028 compares the two). After a failure the connection is reopened, because its cached state may
/// differ from the file.
/// </remarks>
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

    // invariant: _records = the sum of Records over _waiting and _group, 0 <= _records <= _recordsMax; likewise _bytes
    private long _records;
    private long _bytes;
    private bool _isStopping;
    private SqliteDatabase? _database;

    /// <param name="file">SQLite file into which the groups are written.</param>
    /// <param name="kind">Kind of the file, for the metrics.</param>
    /// <param name="handler">Writes the groups.</param>
    /// <param name="recordsMax">The largest number of records that are queued or being written.</param>
    /// <param name="bytesMax">The largest number of bytes that are queued or being written.</param>
    /// <param name="gather">Time to wait for further items after the first of a group, unless the queue is half full or a job is queued; zero: none.</param>
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

    /// <summary>Opens the file on the caller's thread, so that errors are thrown here, and starts the writer's thread.</summary>
    public void Start(string name)
    {
        Open();
        new Thread(Loop) { Name = name, IsBackground = true }.Start();
    }

    /// <summary>Queues an item; returns false and queues nothing if the records or bytes would exceed their limit.</summary>
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

    /// <summary>Runs work on the writer's connection after the items that were queued before it; the work makes its own transactions.</summary>
    /// <exception cref="OverloadedException">Too many jobs are queued.</exception>
    public Task<TResult> RunAsync<TResult>(Func<SqliteDatabase, TResult> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TaskCompletionSource<TResult> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isStopping, this);
            if (_jobs.Count == JobsMax)
            {
                throw new OverloadedException($"{_file.Path}: {JobsMax} jobs are queued, and no more are allowed");
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

    /// <summary>Writes the queued items, and stops.</summary>
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

        // The queue's capacity is released before the callers are notified, so that a caller that retries immediately is not refused.
        lock (_gate)
        {
            _records -= records;
            _bytes -= bytes;
            Debug.Assert(_records >= 0 && _bytes >= 0, "more was written than was queued");
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
