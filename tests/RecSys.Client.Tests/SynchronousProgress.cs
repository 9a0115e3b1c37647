namespace RecSys.Client.Tests;

/// <summary>Reports progress synchronously, on the calling thread.</summary>
internal sealed class SynchronousProgress<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
