using System.Runtime.InteropServices;
using Xunit;

namespace RecSys.Numerics.Tests;

public sealed class ParallelBlocksTests
{
    [Theory]
    [InlineData(0, 5, 3)]
    [InlineData(1, 5, 3)]
    [InlineData(5, 5, 1)]
    [InlineData(23, 5, 3)]
    [InlineData(23, 1, 40)]
    public void Every_row_is_visited_once_in_the_same_blocks(int rowCount, int blockRows, int threads)
    {
        int[] visits = new int[rowCount];
        int[] blockOf = new int[rowCount];

        ParallelBlocks.Run(
            rowCount,
            blockRows,
            new WorkerThreads { Count = threads },
            block =>
            {
                Assert.InRange(block.Count, 1, blockRows);
                for (int row = block.Start; row < block.End; row++)
                {
                    Interlocked.Increment(ref visits[row]);
                    blockOf[row] = block.Index;
                }
            },
            progress: null,
            TestContext.Current.CancellationToken);

        Assert.All(visits, count => Assert.Equal(1, count));
        Assert.Equal(Enumerable.Range(0, rowCount).Select(row => row / blockRows), blockOf);
    }

    [Fact]
    public void Each_thread_creates_its_buffer_once_and_disposes_of_it()
    {
        List<Scratch> made = [];
        ParallelBlocks.Run(
            100,
            1,
            new WorkerThreads { Count = 4 },
            () =>
            {
                Scratch scratch = new();
                lock (made)
                {
                    made.Add(scratch);
                }

                return scratch;
            },
            (_, scratch) =>
            {
                Assert.Equal(scratch.ThreadId, Environment.CurrentManagedThreadId);
                scratch.Blocks++;
            },
            progress: null,
            TestContext.Current.CancellationToken);

        Assert.Equal(4, made.Count);
        Assert.Equal(100, made.Sum(scratch => scratch.Blocks));
        Assert.All(made, scratch => Assert.True(scratch.IsDisposed));
    }

    [Fact]
    public void The_exception_of_the_lowest_block_is_thrown_and_later_blocks_are_skipped()
    {
        // All three threads have a block before any of them fails.
        using Barrier barrier = new(3);
        int begun = 0;
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => ParallelBlocks.Run(
            1000,
            1,
            new WorkerThreads { Count = 3 },
            block =>
            {
                Interlocked.Increment(ref begun);
                Assert.True(barrier.SignalAndWait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
                throw new InvalidOperationException($"block {block.Index}");
            },
            progress: null,
            TestContext.Current.CancellationToken));

        Assert.Equal("block 0", error.Message);
        Assert.Equal(3, begun);
    }

    [Fact]
    public void A_failure_to_create_a_buffer_is_thrown()
    {
        Assert.Throws<NotSupportedException>(() => ParallelBlocks.Run<int>(
            10,
            1,
            WorkerThreads.One,
            () => throw new NotSupportedException("no scratch"),
            (_, _) => Assert.Fail("ran without scratch"),
            progress: null,
            TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Cancelling_ends_the_run_between_blocks()
    {
        using CancellationTokenSource cancellation = new();
        int done = 0;

        OperationCanceledException error = Assert.Throws<OperationCanceledException>(() => ParallelBlocks.Run(
            100,
            1,
            WorkerThreads.One,
            block =>
            {
                done++;
                if (block.Index == 2)
                {
                    cancellation.Cancel();
                }
            },
            progress: null,
            cancellation.Token));

        Assert.Equal(3, done);
        Assert.Equal(cancellation.Token, error.CancellationToken);
    }

    [Fact]
    public void Cancelling_after_the_last_block_changes_nothing()
    {
        using CancellationTokenSource cancellation = new();
        List<int> reported = [];

        ParallelBlocks.Run(
            5,
            2,
            WorkerThreads.One,
            _ => { },
            rows =>
            {
                reported.Add(rows);
                if (rows == 5)
                {
                    cancellation.Cancel();
                }
            },
            cancellation.Token);

        Assert.Equal([2, 4, 5], reported);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(15)]
    public void On_Linux_the_threads_have_the_niceness_and_the_caller_does_not(int niceness)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "nice values of threads are a matter of Linux");
        int own = GetPriority(0, 0);
        int[] seen = new int[6];

        ParallelBlocks.Run(
            seen.Length,
            1,
            new WorkerThreads { Count = 2, Niceness = niceness },
            block => seen[block.Index] = GetPriority(0, 0),
            progress: null,
            TestContext.Current.CancellationToken);

        Assert.All(seen, nice => Assert.Equal(Math.Max(own, niceness), nice));
        Assert.Equal(own, GetPriority(0, 0));
    }

    [Fact]
    public async Task A_low_priority_caller_is_one_of_the_threads()
    {
        (int caller, int[] workers) = await LowPriorityThread.RunAsync(
            "test",
            WorkerThreads.One.Niceness,
            () =>
            {
                int[] seen = new int[6];
                ParallelBlocks.Run(seen.Length, 1, WorkerThreads.One, block => seen[block.Index] = Environment.CurrentManagedThreadId);
                return (Environment.CurrentManagedThreadId, seen);
            });

        Assert.All(workers, worker => Assert.Equal(caller, worker));
        Assert.NotEqual(Environment.CurrentManagedThreadId, caller);
    }

    [Fact]
    public async Task An_exception_of_low_priority_work_is_thrown_where_it_is_awaited()
    {
        await Assert.ThrowsAsync<NotSupportedException>(() =>
            LowPriorityThread.RunAsync<int>("test", 0, () => throw new NotSupportedException()));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            LowPriorityThread.RunAsync<int>("test", 0, () => throw new OperationCanceledException()));
    }

    [Fact]
    public void Arguments_out_of_range_are_refused_by_name()
    {
        Refused("rowCount", () => ParallelBlocks.Run(-1, 1, WorkerThreads.One, _ => { }));
        Refused("blockRows", () => ParallelBlocks.Run(1, 0, WorkerThreads.One, _ => { }));
        Refused("body", () => ParallelBlocks.Run(1, 1, WorkerThreads.One, null!));
        Refused("threads", () => ParallelBlocks.Run(1, 1, null!, _ => { }));
        Refused("Count", () => _ = new WorkerThreads { Count = 0 });
        Refused("Count", () => _ = new WorkerThreads { Count = WorkerThreads.CountMax + 1 });
        Refused("Niceness", () => _ = new WorkerThreads { Niceness = 20 });
        Refused("Niceness", () => _ = new WorkerThreads { Niceness = -1 });

        static void Refused(string name, Action action) =>
            Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(action).ParamName);
    }

    [DllImport("libc", EntryPoint = "getpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetPriority(int which, int who);

    private sealed class Scratch : IDisposable
    {
        public int ThreadId { get; } = Environment.CurrentManagedThreadId;

        public int Blocks { get; set; }

        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
