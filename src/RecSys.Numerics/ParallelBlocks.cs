using System.Runtime.ExceptionServices;

namespace RecSys.Numerics;

/// <summary>Runs a body over fixed blocks of rows on a few low-priority threads; a caller of the same or a lower priority is used as one of them.</summary>
/// <remarks>
/// The blocks depend only on the row count and the block size, not on the number of threads. A body that writes
/// only the data of its block therefore gives the same result on any number of threads; compute sums per
/// block and add them in block order afterwards. Threads take the blocks in ascending order and yield after
/// each, so that threads of requests get the processor in between.
/// </remarks>
public static class ParallelBlocks
{
    /// <summary>Runs <paramref name="body"/> once per block and returns when all are done.</summary>
    /// <param name="rowCount">Total number of rows, 0 or more.</param>
    /// <param name="blockRows">Number of rows per block, at least 1; the last block may have fewer.</param>
    /// <param name="threads">Number of threads, and their niceness.</param>
    /// <param name="body">Called once per block, concurrently from several threads.</param>
    /// <param name="progress">
    /// Called with the number of rows done after every block, on the thread that ran it; ascending, never concurrently.
    /// </param>
    /// <param name="cancellationToken">Checked between blocks.</param>
    /// <exception cref="OperationCanceledException">Cancelled before the last block started.</exception>
    /// <remarks>
    /// If bodies throw exceptions, the one of the lowest block is rethrown here once every thread
    /// has ended; blocks that have not started when the first exception is caught are skipped.
    /// </remarks>
    public static void Run(
        int rowCount,
        int blockRows,
        WorkerThreads threads,
        Action<RowBlock> body,
        Action<int>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(body);
        Run(rowCount, blockRows, threads, () => body, (block, run) => run(block), progress, cancellationToken);
    }

    /// <summary>Runs <paramref name="body"/> once per block, with a buffer that each thread creates once and reuses for its blocks.</summary>
    /// <typeparam name="TScratch">Type of the buffer; disposed of at the end if it is disposable.</typeparam>
    /// <param name="rowCount">Total number of rows, 0 or more.</param>
    /// <param name="blockRows">Number of rows per block, at least 1; the last block may have fewer.</param>
    /// <param name="threads">Number of threads, and their niceness.</param>
    /// <param name="createScratch">Called on each thread before its first block.</param>
    /// <param name="body">Called once per block with the thread's buffer, which keeps the contents of earlier blocks.</param>
    /// <param name="progress">
    /// Called with the number of rows done after every block, on the thread that ran it; ascending, never concurrently.
    /// </param>
    /// <param name="cancellationToken">Checked between blocks.</param>
    /// <exception cref="OperationCanceledException">Cancelled before the last block started.</exception>
    public static void Run<TScratch>(
        int rowCount,
        int blockRows,
        WorkerThreads threads,
        Func<TScratch> createScratch,
        Action<RowBlock, TScratch> body,
        Action<int>? progress = null,
        CancellationToken cancellationToken = default)
    {
        Throw.IfOutside(rowCount, 0, int.MaxValue, nameof(rowCount));
        Throw.IfOutside(blockRows, 1, int.MaxValue, nameof(blockRows));
        ArgumentNullException.ThrowIfNull(threads);
        ArgumentNullException.ThrowIfNull(createScratch);
        ArgumentNullException.ThrowIfNull(body);
        cancellationToken.ThrowIfCancellationRequested();

        int blockCount = (int)(((long)rowCount + blockRows - 1) / blockRows);
        int threadCount = Math.Min(threads.Count, blockCount);
        Work<TScratch> work = new()
        {
            RowCount = rowCount,
            BlockRows = blockRows,
            BlockCount = blockCount,
            CreateScratch = createScratch,
            Body = body,
            Progress = progress,
            Cancellation = cancellationToken,
        };

        // A caller of low priority would otherwise only wait: it runs blocks too, and one thread fewer is started.
        bool callerWorks = threadCount > 0 && ThreadNiceness.Applied >= Math.Max(1, threads.Niceness);
        Thread[] workers = new Thread[callerWorks ? threadCount - 1 : threadCount];
        int started = 0;
        try
        {
            for (; started < workers.Length; started++)
            {
                workers[started] = new Thread(() =>
                {
                    ThreadNiceness.Apply(threads.Niceness);
                    work.Run();
                })
                {
                    IsBackground = true,
                    Name = $"recsys-worker-{started}",
                };
                workers[started].Start();
            }

            if (callerWorks)
            {
                work.Run();
            }
        }
        finally
        {
            // Also if a thread could not be started: no body may run after this returns.
            for (int i = 0; i < started; i++)
            {
                workers[i].Join();
            }
        }

        work.Failure?.Throw();
        if (work.BlocksDone < blockCount)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private sealed class Work<TScratch>
    {
        private readonly Lock _gate = new();
        private int _nextBlock = -1;
        private int _failedBlock = int.MaxValue;
        private int _rowsDone;
        private volatile bool _stopped;

        public required int RowCount { get; init; }

        public required int BlockRows { get; init; }

        public required int BlockCount { get; init; }

        public required Func<TScratch> CreateScratch { get; init; }

        public required Action<RowBlock, TScratch> Body { get; init; }

        public required Action<int>? Progress { get; init; }

        public required CancellationToken Cancellation { get; init; }

        public int BlocksDone { get; private set; }

        public ExceptionDispatchInfo? Failure { get; private set; }

        public void Run()
        {
            int block = -1;
            try
            {
                TScratch scratch = CreateScratch();
                try
                {
                    while (!_stopped && !Cancellation.IsCancellationRequested)
                    {
                        block = Interlocked.Increment(ref _nextBlock);
                        if (block >= BlockCount)
                        {
                            Interlocked.Decrement(ref _nextBlock); // so that it cannot overflow
                            return;
                        }

                        int start = block * BlockRows;
                        int end = (int)Math.Min((long)start + BlockRows, RowCount);
                        Body(new RowBlock(block, start, end), scratch);
                        Done(end - start);
                        Thread.Yield();
                    }
                }
                finally
                {
                    (scratch as IDisposable)?.Dispose();
                }
            }
#pragma warning disable CA1031 // The exception is rethrown on the caller's thread.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Fail(block, exception);
            }
        }

        private void Done(int rows)
        {
            lock (_gate)
            {
                BlocksDone++;
                _rowsDone += rows;
                Progress?.Invoke(_rowsDone);
            }
        }

        private void Fail(int block, Exception exception)
        {
            _stopped = true;
            lock (_gate)
            {
                if (block < _failedBlock)
                {
                    _failedBlock = block;
                    Failure = ExceptionDispatchInfo.Capture(exception);
                }
            }
        }
    }
}
