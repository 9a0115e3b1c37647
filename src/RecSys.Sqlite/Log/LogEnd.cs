using RecSys.Core.Log;

namespace RecSys.Sqlite.Log;

/// <summary>The end of the durable records, and a signal when it moves. Safe for concurrent use.</summary>
internal sealed class LogEnd
{
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Moved _at = new(default);
    private volatile bool _isClosed;

    /// <summary>Gets the offset of the next record.</summary>
    public long Value => Mark.End;

    /// <summary>Gets the offset of the next record with the checksum of the row before it, both of one moment.</summary>
    public LogMark Mark => Volatile.Read(ref _at).Mark;

    public void MoveTo(LogMark end)
    {
        Volatile.Write(ref _at, new Moved(end));
        Signal();
    }

    /// <summary>Ends all waits with <see cref="ObjectDisposedException"/>.</summary>
    public void Close()
    {
        _isClosed = true;
        Signal();
    }

    public async ValueTask WaitAsync(long from, CancellationToken cancellationToken)
    {
        while (true)
        {
            // The signal is taken before the end is read, so that a move in between is not missed.
            Task moved = Volatile.Read(ref _moved).Task;
            if (Value > from)
            {
                return;
            }

            ObjectDisposedException.ThrowIf(_isClosed, this);
            await moved.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private sealed record Moved(LogMark Mark);

    private void Signal() =>
        Interlocked.Exchange(ref _moved, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
}
