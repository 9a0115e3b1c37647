namespace RecSys.Cli;

/// <summary>Progress that is handled synchronously, on the thread that reports it.</summary>
internal sealed class SynchronousProgress<T>(Action<T> report) : IProgress<T>
{
    /// <inheritdoc/>
    public void Report(T value) => report(value);
}
