using System.Collections.Concurrent;

namespace RecSys.Sqlite.Storage;

/// <summary>A pool of connections for reading, each with its prepared statements, rented to one caller at a time.</summary>
internal sealed class SqliteReaders<T> : IDisposable
    where T : IDisposable
{
    private readonly Func<T> _open;
    private readonly SemaphoreSlim _permits;
    private readonly ConcurrentStack<T> _idle = new();
    private volatile bool _isDisposed;

    public SqliteReaders(int countMax, Func<T> open)
    {
        _open = open;
        _permits = new SemaphoreSlim(countMax, countMax);
    }

    /// <summary>Rents a reader, and waits for one if all are rented; return it afterwards.</summary>
    public async ValueTask<T> RentAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (!_permits.Wait(0, CancellationToken.None))
        {
            await _permits.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        try
        {
            return _idle.TryPop(out T? reader) ? reader : _open();
        }
        catch
        {
            _permits.Release();
            throw;
        }
    }

    public void Return(T reader, bool isSound)
    {
        if (isSound && !_isDisposed)
        {
            _idle.Push(reader);
        }
        else
        {
            reader.Dispose();
        }

        _permits.Release();
        if (_isDisposed)
        {
            DisposeIdle();
        }
    }

    public void Dispose()
    {
        _isDisposed = true;
        DisposeIdle();
    }

    private void DisposeIdle()
    {
        while (_idle.TryPop(out T? reader))
        {
            reader.Dispose();
        }
    }
}
