using Microsoft.Extensions.Logging;

namespace RecSys.Cli.Tests.Hosting;

/// <summary>A logger that stores its lines.</summary>
internal sealed class LoggedLines<T> : ILogger<T>
{
    public List<string> Lines { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Add(formatter(state, exception));
}
