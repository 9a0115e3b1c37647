namespace RecSys.Numerics;

/// <summary>Runs long work on one low-priority thread of its own.</summary>
public static class LowPriorityThread
{
    /// <summary>Runs <paramref name="work"/>; a <see cref="ParallelBlocks"/> run inside it uses this thread as one of its workers if <paramref name="niceness"/> is above 0 and not below theirs.</summary>
    /// <param name="name">Name of the thread.</param>
    /// <param name="niceness">Niceness of the thread, 0 to 19: see <see cref="WorkerThreads.Niceness"/>.</param>
    /// <param name="work">The work; it may block.</param>
    /// <returns>The result of the work, or its exception; cancelled if it throws <see cref="OperationCanceledException"/>.</returns>
    public static Task<T> RunAsync<T>(string name, int niceness, Func<T> work)
    {
        Throw.IfOutside(niceness, 0, 19, nameof(niceness));
        ArgumentNullException.ThrowIfNull(work);
        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(Run) { IsBackground = true, Name = name }.Start();
        return done.Task;

        void Run()
        {
            ThreadNiceness.Apply(niceness);
            try
            {
                done.SetResult(work());
            }
            catch (OperationCanceledException exception)
            {
                done.SetCanceled(exception.CancellationToken);
            }
#pragma warning disable CA1031 // The exception is rethrown where the task is awaited.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                done.SetException(exception);
            }
        }
    }
}
