using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace RecSys.TestKit;

/// <summary>Stores the lines that all of its loggers are given, in their order; it can also be added to the loggers of a host.</summary>
/// <param name="from">The lowest level of the stored lines.</param>
public sealed class LoggedLines(LogLevel from = LogLevel.Trace) : ILogger, ILoggerFactory, ILoggerProvider
{
    private readonly ConcurrentQueue<string> _lines = new();

    /// <summary>Gets the lines that were logged until now.</summary>
    public IReadOnlyList<string> Lines => [.. _lines];

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= from;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            _lines.Enqueue(formatter(state, exception));
        }
    }

    public void Dispose()
    {
        // The lines are read after the host that was given this has been disposed of.
    }
}
